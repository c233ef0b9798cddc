"""Cases as people work them, by command."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import schema_context

from casework.models import Agent, Calendar, Campaign, CaseEvent, Queue, QueueRule, Sla
from common import clock
from tests.integration.casework.cases import at
from tests.integration.delinquency.behind import make_loan


@pytest.fixture
def acme(make_tenant):
    at("03-01", 16)
    schema_name = make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name
    with schema_context(schema_name):
        make_loan(dues=["2024-12-01"])
    return schema_name


@pytest.fixture
def run(acme, capsys):
    def run_one(*arguments):
        call_command(*arguments, "--tenant", acme)
        return capsys.readouterr().out.strip()

    return run_one


def test_a_case_from_its_opening_to_its_end(run, acme):
    rehearsed = ["open_case", "L1", "dispute", "--by", "ann", "--note", "says it was paid", "--dry-run"]
    said = "case L1/1 (dispute) is open in queue general."
    assert run(*rehearsed) == f"Rehearsed only, nothing is kept: {said}"
    assert run(*rehearsed[:-1]) == said
    run("define_agent", "bob", "--capacity", "5")
    assert run("work_case", "L1/1", "--assign", "bob") == "case L1/1 is open, assigned to bob."
    assert run("work_case", "L1/1", "--snooze", "2024-03-04T10:00") == "case L1/1 is snoozed, assigned to bob."
    run("work_case", "L1/1", "--wake")
    assert run("work_case", "L1/1", "--pause", "--note", "papers") == "case L1/1 is paused, assigned to bob."
    run("work_case", "L1/1", "--resume")
    assert run("work_case", "L1/1", "--close", "--note", "settled") == "case L1/1 is closed, assigned to bob."
    told = run("work_case", "L1/1").splitlines()
    assert told[0] == "L1/1: dispute case of loan L1, closed"
    assert [line.split("Z ", 1)[1] for line in told[1:]] == [
        "opened by ann: says it was paid",
        "queued to general by ann",
        "assigned to bob by operator",
        "snoozed until 2024-03-04 10:00:00Z by operator",
        "woken by operator",
        "paused by operator: papers",
        "resumed by operator",
        "closed by operator: settled",
    ]


def test_casework_is_arranged(run, acme):
    assert run("define_queue", "early", "--skill", "talk", "--default") == "queue early is defined."
    rule = ["--rule", "1", "--from", "2024-03-02", "--min-days", "1", "--max-days", "30", "--min-balance", "10.00"]
    assert run("define_queue", "early", *rule) == "queue early is defined; rule 1 leads there from 2024-03-02."
    assert run("define_queue", "early", "--rule", "1", "--until", "2024-03-09") == "rule 1 ends on 2024-03-09."
    assert run("define_agent", "ann", "--capacity", "9", "--skill", "talk") == "ann works up to 9 cases."
    assert run("define_agent", "ann", "--capacity", "9", "--inactive") == "ann does not work at present."
    week = ["--hours", "mon-thu=09:00-17:00", "--hours", "fri=09:00-12:00"]
    assert run("define_calendar", "office", "--zone", "America/New_York", *week, "--holidays", "US") == (
        f"calendar office opens 5 times a week and has {len(us_holidays())} holidays."
    )
    assert run("define_sla", "quick", "dispute", "--hours", "2.5", "--calendar", "office", "--from", "2024-03-02") == (
        "dispute cases opened from 2024-03-02 on may take 2.5 hours (quick)."
    )
    assert run("define_campaign", "soon", "--from", "2024-03-02", "--queue", "early") == (
        "campaign soon reaches borrowers 5 days ahead from 2024-03-02."
    )
    assert run("define_campaign", "soon", "--until", "2024-03-09") == "campaign soon ends on 2024-03-09."
    with schema_context(acme):
        queues = Queue.objects.order_by("code").values_list("code", "skill", "is_default")
        assert list(queues) == [("early", "talk", True), ("general", "", False)]
        rows = QueueRule.objects.values_list("queue__code", "min_days", "max_days", "starts_on", "ends_on")
        assert rows.get() == ("early", 1, 30, date(2024, 3, 2), date(2024, 3, 9))
        assert Agent.objects.values_list("capacity", "skills", "is_active").get() == (9, [], False)
        hours = Calendar.objects.get().hours.order_by("weekday").values_list("weekday", "closes__hour")
        assert list(hours) == [(0, 17), (1, 17), (2, 17), (3, 17), (4, 12)]
        assert Sla.objects.get().target.total_seconds() == 2.5 * 3600
        assert Campaign.objects.values_list("queue__code", "ends_on").get() == ("early", date(2024, 3, 9))


def us_holidays():
    import holidays

    return holidays.country_holidays("US", years=range(2024, 2030))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["open_case", "L9", "dispute"], "There is no loan L9"),
        (["open_case", "L1", "dispute", "--queue", "nowhere"], "There is no queue nowhere"),
        (["work_case", "L1/9", "--wake"], "There is no case L1/9"),
        (["define_queue", "q", "--rule", "1"], "Give --rule with --from"),
        (["define_queue", "q", "--rule", "1", "--until", "2024-03-02"], "There is no rule 1"),
        (
            ["define_queue", "q", "--rule", "1", "--from", "2024-03-02", "--min-days", "5", "--max-days", "5"],
            "its days end before they begin",
        ),
        (
            ["define_queue", "q", "--rule", "1", "--from", "2024-03-02", "--product", "none"],
            "There is no product none",
        ),
        (["define_calendar", "c", "--zone", "Mars", "--hours", "mon=09:00-17:00"], "Mars is no time zone"),
        (["define_calendar", "c", "--zone", "UTC", "--hours", "mon=17:00-09:00"], "closes before it opens"),
        (
            ["define_calendar", "c", "--zone", "UTC", "--hours", "mon=09:00-17:00", "--hours", "mon=16:00-18:00"],
            "hours of a day overlap",
        ),
        (
            ["define_calendar", "c", "--zone", "UTC", "--hours", "mon=09:00-17:00", "--holidays", "XX"],
            "its holidays are not known",
        ),
        (["define_calendar", "c", "--zone", "UTC", "--hours", "monday"], "not a stretch like"),
        (["define_calendar", "c", "--zone", "UTC", "--hours", "mon=9-25"], "no times like"),
        (
            ["define_sla", "s", "dispute", "--hours", "1", "--calendar", "none", "--from", "2024-03-02"],
            "There is no calendar none",
        ),
        (["define_campaign", "c"], "Give --from to begin"),
        (["define_campaign", "c", "--days", "0", "--from", "2024-03-02"], "at least one day ahead"),
        (["define_campaign", "c", "--until", "2024-03-02"], "no running campaign c"),
        (["define_campaign", "c", "--from", "2024-03-02", "--queue", "none"], "There is no queue none"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(run, arguments, message):
    with pytest.raises(CommandError, match=message):
        run(*arguments)


class TestRefusals:
    @pytest.fixture
    def case(self, run, acme):
        run("open_case", "L1", "dispute")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["open_case", "L1", "dispute"], r"Loan L1 has an open case of that kind \(L1/1\)"),
            (["work_case", "L1/1", "--wake"], "Case L1/1 is open, so it cannot be woken"),
            (["work_case", "L1/1", "--resume"], "Case L1/1 is open, so it cannot be resumed"),
            (["work_case", "L1/1", "--snooze", "2024-03-01T16:00Z"], "cannot sleep until"),
            (["work_case", "L1/1", "--snooze", "tomorrow"], "not a time like"),
            (["work_case", "L1/1", "--assign", "nobody"], "There is no agent nobody"),
        ],
    )
    def test_a_case_is_not_worked_so(self, run, case, arguments, message):
        with pytest.raises(CommandError, match=message):
            run(*arguments)

    def test_a_closed_case_stays_closed(self, run, case):
        run("work_case", "L1/1", "--close", "--note", "done")
        for deed in (["--close"], ["--pause"], ["--snooze", "2030-01-01"], ["--assign", "ann"]):
            with pytest.raises(CommandError, match="Case L1/1 is closed"):
                run("work_case", "L1/1", *deed)

    def test_an_agent_must_work_and_have_the_skill(self, run, case):
        run("define_agent", "ann", "--capacity", "1", "--inactive")
        run("define_agent", "bob", "--capacity", "1")
        run("define_queue", "general", "--skill", "law")
        with pytest.raises(CommandError, match="ann cannot be given case L1/1: they do not work"):
            run("work_case", "L1/1", "--assign", "ann")
        with pytest.raises(CommandError, match="queue general takes the skill law"):
            run("work_case", "L1/1", "--assign", "bob")

    def test_sla_and_rule_and_campaign_are_not_changed_backwards(self, run, case):
        run("define_calendar", "office", "--zone", "UTC", "--hours", "mon=09:00-17:00")
        sla = ["define_sla", "s", "dispute", "--hours", "1", "--calendar", "office", "--from"]
        run(*sla, "2024-03-02")
        with pytest.raises(CommandError, match="it holds after 2024-03-02 already"):
            run(*sla, "2024-03-02")
        with pytest.raises(CommandError, match="warns before 100 %"):
            run(*sla, "2024-03-09", "--warn", "100")
        rule = ["define_queue", "q", "--rule", "1", "--from"]
        run(*rule, "2024-03-02")
        with pytest.raises(CommandError, match="it decides after 2024-03-01 already"):
            run(*rule, "2024-03-02")
        run("define_campaign", "c", "--from", "2024-03-02")
        with pytest.raises(CommandError, match="there is one already"):
            run("define_campaign", "c", "--from", "2024-03-09")


def test_a_case_that_is_being_written_is_told_to_try_again(run, acme, monkeypatch):
    import psycopg
    from django.db import connection

    from casework import locks

    run("open_case", "L1", "dispute")
    monkeypatch.setattr(locks, "WAIT_S", "0.1")
    with psycopg.connect(
        **{
            k: v
            for k, v in connection.get_connection_params().items()
            if k in {"host", "port", "user", "password", "dbname"}
        }
    ) as other:
        other.execute(f"SELECT 1 FROM {acme}.casework_case FOR UPDATE")
        with pytest.raises(CommandError, match="Case L1/1 is being written just now"):
            run("work_case", "L1/1", "--close")
    with schema_context(acme):
        assert CaseEvent.objects.filter(kind="closed").count() == 0
    assert clock.today() == date(2024, 3, 1)
