"""The night's poll as the ledger runs it: monitors by themselves, rules as children, one join."""

from datetime import UTC, date, datetime

import pytest
from django_tenants.utils import schema_context

from common import clock
from compliance import services
from compliance.engines import http
from compliance.models import Engine, Finding, Report, Rule, Severity
from loans.models import Loan
from schedules.catalog import CATALOG, Catalog
from schedules.models import QuarantinedItem, Run
from schedules.opening import open_due
from schedules.services import rerun
from tests.integration.compliance.feed import TOKEN, alert, serving, status
from tests.integration.compliance.findings import found
from tests.integration.payments.money import lend
from tests.night import work, work_through
from tests.stage import deployed, registered

__all__ = ["deployed", "registered"]

POLL = CATALOG["daily-compliance-monitor-poll"]
VARIABLE = "MATINS_ENGINE_TOKEN_TEST"
EVE = datetime(2024, 4, 30, 12, tzinfo=UTC)
DAY = date(2024, 5, 1)
HIGH = Severity.HIGH


@pytest.fixture
def feed(monkeypatch):
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setattr(http, "RETRY", http.RETRY.new(backoff_factor=0.01))
    with serving() as one:
        yield one


@pytest.fixture
def acme(deployed, make_tenant, feed):
    """A tenant with a loan at 12 percent and a monitor, on the eve of its first night."""
    deployed(Catalog((POLL,)), at=EVE)
    make_tenant("acme", enabled_at=EVE)
    with schema_context("acme"):
        lend("L1", rate="0.12")
        engine("watch", feed.url)
    return "acme"


def engine(code, url):
    return services.define_engine(code=code, url=url, token_variable=VARIABLE)


def open_night(day=DAY):
    clock.set_to(datetime(day.year, day.month, day.day, 2, tzinfo=UTC))
    open_due()
    return Run.objects.get(item="", window__business_date=day)


def night(day=DAY):
    run = open_night(day)
    work_through()
    run.refresh_from_db()
    return run


def retried(run):
    """Do a run again whose rest before the retry is over."""
    Run.objects.filter(pk=run.pk).update(not_before=None)
    work_through()
    run.refresh_from_db()
    return run


def cursors():
    with schema_context("acme"):
        return dict(Engine.objects.values_list("code", "cursor"))


def in_acme(read, *args):
    with schema_context("acme"):
        return read(*args)


def test_what_a_monitor_reports_is_judged_in_the_same_night(acme, feed):
    feed.events = [alert(1), status(2), alert(3, severity="low", matter="address")]
    run = night()
    assert (run.state, run.exceptions) == ("succeeded", 0)
    assert run.counts == {"reports": 3, "opened": 3, "raised": 0, "resolved": 0, "open": 3, "critical": 0}
    assert in_acme(found) == [
        ("loan L1", date(2024, 3, 1), HIGH),
        ("loan L1, address", date(2024, 4, 20), Severity.LOW),
        ("loan L1, ofac match", date(2024, 4, 20), HIGH),
    ]
    assert cursors() == {"watch": "3"}


def test_every_rule_is_a_child_of_its_own(acme):
    night()
    with schema_context("acme"):
        rules = set(Rule.objects.filter(active=True).values_list("code", flat=True))
    assert "watch" in rules
    assert set(Run.objects.exclude(item="").values_list("item", "state")) == {(code, "succeeded") for code in rules}
    with schema_context("acme"):
        assert set(Rule.objects.filter(active=True).values_list("checked_on", flat=True)) == {DAY}


def test_only_what_is_new_is_asked_for_and_the_same_finding_is_not_doubled(acme, feed):
    feed.events = [alert(1)]
    night()
    feed.events.append(alert(2, severity="critical"))
    run = night(date(2024, 5, 2))
    assert run.counts == {"reports": 1, "opened": 0, "raised": 1, "resolved": 0, "open": 1, "critical": 1}
    assert [query.get("cursor") for query, _ in feed.asked] == [None, "1"]


def test_an_alert_that_ended_resolves_its_finding(acme, feed):
    feed.events = [alert(1)]
    night()
    feed.events.append(alert(2, until="2024-04-30"))
    assert night(date(2024, 5, 2)).counts["resolved"] == 1
    assert in_acme(found) == []


def test_an_event_reported_twice_is_kept_once(acme, feed):
    feed.events = [alert(1), alert(1)]
    assert night().counts["reports"] == 1


def test_a_monitor_that_is_down_fails_the_run_by_name_and_moves_no_cursor(acme, feed):
    feed.events = [alert(1)]
    feed.instead = [(401, "who are you")] * 10
    run = night()
    assert (run.state, run.failures) == ("waiting", 1)
    assert run.reason == (
        "FeedsDownError: Not every monitor could be read: watch: it answered 401: for 401 or 403 renew its token, else "
        "ask its provider. The night's rules are checked all the same; the next try, or the next night, takes all that "
        "was reported since."
    )
    for _ in range(3):
        retried(run)
    assert (run.state, run.failures) == ("failed", 4)
    assert (cursors(), in_acme(Report.objects.count)) == ({"watch": ""}, 0)
    assert set(Run.objects.exclude(item="").values_list("state", flat=True)) == {"succeeded"}


def test_a_monitor_that_comes_back_is_read_by_the_retry(acme, feed):
    feed.events = [alert(1)]
    feed.instead = [(401, "")] * 2  # Of the poll, and of its join.
    run = retried(night())
    assert (run.state, run.counts["reports"], cursors()) == ("succeeded", 1, {"watch": "1"})
    assert in_acme(found) == []  # Its rule was checked before.
    night(date(2024, 5, 2))
    assert in_acme(found) == [("loan L1, ofac match", date(2024, 4, 20), HIGH)]


def test_the_next_night_takes_all_that_a_failed_one_missed(acme, feed):
    feed.events = [alert(1)]
    feed.instead = [(401, "")] * 10
    run = night()
    for _ in range(3):
        retried(run)
    feed.instead.clear()
    feed.events += [alert(2, matter="second"), alert(3, matter="third")]
    assert night(date(2024, 5, 2)).counts["reports"] == 3
    run.refresh_from_db()
    assert run.state == "skipped"
    assert cursors() == {"watch": "3"}
    assert len(in_acme(found)) == 3


def test_one_monitor_that_is_down_holds_up_neither_the_others_nor_the_rules(acme, feed):
    with serving() as other:
        in_acme(engine, "other", other.url)
        feed.instead = [(403, "")] * 10
        other.events = [status(1)]
        run = night()
    assert run.state == "waiting"
    assert "watch: it answered 403" in run.reason
    assert "other" not in run.reason
    assert cursors() == {"watch": "", "other": "1"}
    assert in_acme(found) == [("loan L1", date(2024, 3, 1), HIGH)]


def test_nonsense_keeps_nothing_of_its_poll_not_even_the_pages_before(acme, feed):
    feed.events = [alert(1), alert(2), {**alert(3), "severity": "dreadful"}]
    run = night()
    assert "watch: its answer is not what was agreed (events.0.alert.severity" in run.reason
    assert (cursors(), in_acme(Report.objects.count)) == ({"watch": ""}, 0)


def test_a_worker_without_the_token_says_which_variable_it_lacks(acme, monkeypatch):
    monkeypatch.delenv(VARIABLE)
    run = night()
    assert run.state == "waiting"
    assert f"watch: the environment variable {VARIABLE} is not set" in run.reason


def test_a_monitor_that_is_off_is_not_asked(acme, feed):
    with schema_context("acme"):
        Engine.objects.update(active=False)
    assert night().state == "succeeded"
    assert feed.asked == []


def test_a_report_of_a_loan_that_nobody_knows_is_left_out_until_it_is_boarded(acme, feed):
    feed.events = [alert(1, loan="L2"), alert(2)]
    run = night()
    assert (run.state, run.exceptions) == ("succeeded", 1)
    item = QuarantinedItem.objects.get()
    assert (item.model, item.key) == ("compliance.Report", "watch:E1")
    with schema_context("acme"):
        lend("L2")
    rerun(schedule=POLL.name, business_date=DAY)
    work_through()
    run.refresh_from_db()
    assert (run.state, run.exceptions) == ("succeeded", 0)
    night(date(2024, 5, 2))
    assert len(in_acme(found)) == 2


def test_a_rule_that_cannot_be_checked_is_left_out_and_done_by_a_rerun_once_mended(acme, feed):
    feed.events = [status(1)]
    with schema_context("acme"):
        Rule.objects.filter(code="scra-rate-cap").update(parameters={})
    run = night()
    assert (run.state, run.exceptions) == ("succeeded", 1)
    assert QuarantinedItem.objects.get().reason == (
        "Rule scra-rate-cap cannot be checked: status: Field required. Correct it with `define_rule`."
    )
    assert in_acme(found) == []
    with schema_context("acme"):
        services.define_rule(code="scra-rate-cap", parameters={"status": "scra", "max_rate": "0.06"})
    rerun(schedule=POLL.name, business_date=DAY)
    work_through()
    run.refresh_from_db()
    assert (run.state, run.exceptions) == ("succeeded", 0)
    assert in_acme(found) == [("loan L1", date(2024, 3, 1), HIGH)]


def test_a_message_that_comes_again_fetches_and_writes_nothing(acme, feed):
    feed.events = [alert(1)]
    run = night()
    asked = len(feed.asked)
    work(run)
    assert len(feed.asked) == asked
    assert in_acme(Finding.objects.count) == 1


def test_nights_that_nobody_opened_are_one_poll_of_all_that_was_reported(acme, feed):
    night()
    feed.events = [alert(1), alert(2, matter="second")]
    run = night(date(2024, 5, 6))
    skipped = Run.objects.filter(item="", state="skipped").count()
    assert (run.counts["reports"], run.counts["opened"], skipped) == (2, 2, 0)
    assert Run.objects.filter(item="", state="succeeded").count() == 2


def test_one_tenants_monitor_is_asked_for_it_alone(acme, feed, make_tenant):
    make_tenant("beta", enabled_at=EVE)
    feed.events = [alert(1)]
    open_night_of_all()
    work_through()
    with schema_context("beta"):
        assert (Report.objects.count(), Finding.objects.count(), Loan.objects.count()) == (0, 0, 0)
    assert len(feed.asked) == 1


def open_night_of_all():
    clock.set_to(datetime(2024, 5, 1, 2, tzinfo=UTC))
    open_due()
