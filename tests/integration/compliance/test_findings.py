"""What becomes of a finding from night to night, whatever rule finds it; shown on disputes."""

from datetime import date, timedelta

import pytest
from django.db import connection

from compliance import services
from compliance.exceptions import BadRuleError, NoSuchRuleError
from compliance.models import Finding, Rule, Severity
from tests.integration.compliance.findings import changes, check, found
from tests.integration.payments.money import lend

pytestmark = pytest.mark.usefixtures("books")

RULE = "dispute-deadline"
RECEIVED = date(2024, 1, 2)
DUE = date(2024, 2, 1)
LOW, MEDIUM, HIGH, CRITICAL = Severity
NOTHING = {"open": 0, "opened": 0, "raised": 0, "resolved": 0}


@pytest.fixture
def dispute():
    lend("L1")
    return services.record_dispute(reference="D1", loan_number="L1", received_on=RECEIVED)


def nights(first, last):
    for offset in range((last - first).days + 1):
        check(RULE, first + timedelta(days=offset))


def test_a_finding_is_opened_once_raised_once_and_resolved_once(dispute):
    nights(date(2024, 1, 20), date(2024, 2, 5))
    assert found() == [("dispute D1", DUE, HIGH)]
    services.answer_dispute(reference="D1", answered_on=date(2024, 2, 5))
    nights(date(2024, 2, 6), date(2024, 2, 10))
    assert found() == []
    assert changes() == [
        ("opened", date(2024, 1, 28), MEDIUM),
        ("raised", date(2024, 2, 2), HIGH),
        ("resolved", date(2024, 2, 6), HIGH),
    ]
    one = Finding.objects.get()
    assert (one.opened_on, one.resolved_on, one.loan) == (date(2024, 1, 28), date(2024, 2, 6), dispute.loan)
    assert one.details == "received on 2024-01-02, to be answered by 2024-02-01"


def test_done_again_a_night_changes_nothing(dispute):
    assert check(RULE, DUE) == {"open": 1, "opened": 1, "raised": 0, "resolved": 0}
    assert check(RULE, DUE) == {"open": 1, "opened": 0, "raised": 0, "resolved": 0}
    assert len(changes()) == 1


def test_a_finding_that_comes_back_is_the_same_one(dispute):
    check(RULE, DUE)
    dispute.answered_on = DUE
    dispute.save()
    check(RULE, date(2024, 2, 2))
    dispute.answered_on = None
    dispute.save()
    assert check(RULE, date(2024, 2, 3)) == {"open": 1, "opened": 1, "raised": 0, "resolved": 0}
    assert [what for what, _, _ in changes()] == ["opened", "resolved", "reopened"]
    assert Finding.objects.get().resolved_on is None
    assert found() == [("dispute D1", DUE, HIGH)]


def test_an_open_finding_is_never_lowered(dispute):
    check(RULE, date(2024, 2, 2))
    services.define_rule(code=RULE, severity=LOW)
    check(RULE, date(2024, 2, 3))
    assert found() == [("dispute D1", DUE, HIGH)]


def test_severity_ends_at_the_highest(dispute):
    services.define_rule(code=RULE, severity=CRITICAL)
    check(RULE, date(2024, 2, 2))
    assert found() == [("dispute D1", DUE, CRITICAL)]


def test_an_earlier_night_that_comes_later_finds_nothing_out(dispute):
    check(RULE, date(2024, 2, 2))
    assert check(RULE, date(2024, 1, 20)) == NOTHING
    assert found() == [("dispute D1", DUE, HIGH)]


def test_an_answer_of_the_day_is_seen_by_the_next_night(dispute):
    services.answer_dispute(reference="D1", answered_on=DUE)
    assert check(RULE, DUE)["open"] == 1
    assert check(RULE, date(2024, 2, 2))["resolved"] == 1


def test_a_rule_that_is_off_is_let_be_with_what_it_found(dispute):
    check(RULE, DUE)
    services.define_rule(code=RULE, active=False)
    services.answer_dispute(reference="D1", answered_on=DUE)
    assert check(RULE, date(2024, 2, 5)) == NOTHING
    assert len(found()) == 1


def test_a_check_is_a_handful_of_statements_whatever_it_finds(django_queries):
    lend("L1")
    for number in range(20):
        services.record_dispute(reference=f"D{number}", loan_number="L1", received_on=RECEIVED)
    with django_queries() as queries:
        check(RULE, DUE)
    assert len(found()) == 20
    assert len(queries) <= 7


@pytest.fixture
def django_queries():
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


def test_each_rule_keeps_its_own_findings(dispute):
    services.define_rule(code="early", kind="dispute deadline", parameters={"warn_days": "30"})
    check("early", date(2024, 1, 5))
    check(RULE, date(2024, 1, 5))
    assert found("early") == [("dispute D1", DUE, MEDIUM)]
    assert found(RULE) == []


@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        ("rate cap", {"status": "scra"}, "max_rate: Field required"),
        ("rate cap", {"status": "navy", "max_rate": "0.06"}, "status: Input should be 'scra' or 'mla'"),
        ("rate cap", {"status": "scra", "max_rate": "6"}, "max_rate: Input should be less than or equal to 1"),
        ("dispute deadline", {"warn_days": "-1"}, "warn_days: "),
        ("dispute deadline", {"days": 3}, "days: Extra inputs"),
        ("lien lapsed", {"days": 3}, "days: Extra inputs"),
        ("state licence", {"states": ["ca"]}, "states.0: "),
        ("reported", {}, "no kind of rule that can be defined"),
        (None, {}, "no kind of rule that can be defined"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(kind, parameters, message):
    with pytest.raises(BadRuleError, match=message):
        services.define_rule(code="new", kind=kind, parameters=parameters)
    assert not Rule.objects.filter(code="new").exists()


def test_a_rule_keeps_its_kind_and_what_is_not_named():
    services.define_rule(code="scra-rate-cap", parameters={"max_rate": "0.05"})
    rule = Rule.objects.get(code="scra-rate-cap")
    assert (rule.parameters, rule.severity) == ({"status": "scra", "max_rate": "0.05"}, HIGH)
    with pytest.raises(BadRuleError, match="is of kind 'rate cap'"):
        services.define_rule(code="scra-rate-cap", kind="late fee cap")


def test_a_rule_that_is_gone_is_named():
    with pytest.raises(NoSuchRuleError, match="There is no rule 999"):
        services.check_rule(rule_id=999, business_date=DUE)


def test_results_are_added_up():
    told = [{"open": 2, "opened": 1, "raised": 0, "resolved": 3}, {"open": 5, "opened": 0, "raised": 1, "resolved": 0}]
    assert services.summarize(told).counts == {"rules": 2, "open": 7, "opened": 1, "raised": 1, "resolved": 3}
    assert services.summarize([]).counts == {"rules": 0, **NOTHING}
