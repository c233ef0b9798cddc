"""`windows`, `doctor` and `prune`: what an operator sees of the night, and what is forgotten of it."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

from django.core.management import call_command

from common import clock
from schedules.models import Beat, Run
from schedules.opening import open_due
from tests.integration.schedules.commands import fail, refused, run
from tests.night import work_through
from tests.processes import wait_until
from tests.stage import FAST, at, utc


def shown(*words):
    lines = json.loads(run("windows", "--json", *words))
    return {line.pop("schedule"): line for line in lines}


def test_windows_shows_states_exceptions_and_what_is_waited_for(nightly):
    at(4)
    open_due()
    fail("daily-first")
    lines = shown("--date", "2024-07-01")
    assert lines["daily-first"]["states"] == {"ready": 1, "failed": 1}
    assert lines["daily-first"]["why"] == "acme: RuntimeError: the till is short"
    assert (lines["daily-second"]["states"], lines["daily-second"]["blocked"]) == ({"waiting": 2}, 2)
    assert lines["daily-second"]["why"] == "acme waits for daily-first of 2024-07-01 (failed)"
    assert lines["daily-parent"]["states"] == {"ready": 2}


def test_windows_tells_late_from_missed_from_overdue_and_none_of_them_of_a_blocked_run(nightly):
    open_due(utc(1, 1))
    open_due(utc(1, 2))
    judged = {}
    for name, moment in {"early": utc(1, 1, 9), "late": utc(1, 1, 10), "missed": utc(1, 2)}.items():
        clock.set_to(moment)
        line = shown("--date", "2024-07-01", "--schedule", "daily-first")["daily-first"]
        judged[name] = (line["late"], line["missed"], line["overdue"])
    assert judged == {"early": (0, 0, 0), "late": (2, 0, 0), "missed": (0, 2, 0)}
    Run.objects.filter(window__schedule="daily-first").update(started_at=utc(1, 1), state="waiting")
    clock.set_to(utc(1, 3))
    line = shown("--date", "2024-07-01", "--schedule", "daily-first")["daily-first"]
    assert (line["late"], line["missed"], line["overdue"]) == (0, 0, 2)
    second = shown("--date", "2024-07-01", "--schedule", "daily-second")["daily-second"]
    assert (second["blocked"], second["late"], second["missed"], second["overdue"]) == (2, 0, 0, 0)


def test_windows_shows_what_nobody_has_opened(nightly):
    at(1, 30)
    line = shown("--date", "2024-07-01")["daily-first"]
    assert (line["origin"], line["late"], line["missed"]) == ("unopened", 1, 0)
    at(2)
    line = shown("--date", "2024-07-01")["daily-first"]
    assert (line["late"], line["missed"], line["why"]) == (0, 1, "nobody has opened it: is a beat running?")


def test_windows_shows_problems_only_when_asked_and_says_when_there_is_nothing(nightly):
    at(4)
    open_due()
    work_through()
    table = run("windows", "--date", "2024-07-01")
    assert all(name in table for name in ("daily-first", "daily-parent", "2 succeeded"))
    assert run("windows", "--date", "2024-07-01", "--problems") == "Nothing to show for 2024-07-01 … 2024-07-01.\n"
    fail("daily-third")
    assert "daily-third" in run("windows", "--date", "2024-07-01", "--problems")


def examined():
    """Return what `doctor` finds, by part, and whether it calls for help."""
    out = StringIO()
    try:
        call_command("doctor", stdout=out, no_color=True)
        is_well = True
    except SystemExit as end:
        is_well = end.code == 0
    lines = [line.split(maxsplit=2) for line in out.getvalue().splitlines()]
    return {part.rstrip(":"): (mark, text) for mark, part, text in lines}, is_well


def test_doctor_finds_a_healthy_night_healthy(nightly, start):

    start("beat", env=FAST)
    start("worker", env=FAST)
    wait_until(Beat.objects.exists, what="the beat to say that it lives")
    parts, is_well = examined()
    assert {part: mark for part, (mark, _) in parts.items()} == dict.fromkeys(
        ("database", "broker", "clocks", "beats", "workers", "windows", "runs"), "ok"
    )
    assert is_well


def test_doctor_says_what_is_wrong_and_what_to_do(nightly):
    at(4)
    open_due()
    fail("daily-first")
    at(4, day=2)
    parts, is_well = examined()
    assert not is_well
    assert parts["beats"] == (
        "BAD",
        "none has ticked lately: windows are not opened. Start `celery -A config beat`.",
    )
    assert parts["workers"][0] == "BAD"
    assert parts["windows"] == (
        "BAD",
        "4 due and not opened, first daily-first of 2024-07-02 01:00. A beat opens them, or `catch_up`.",
    )
    assert parts["runs"] == (
        "BAD",
        "0 running, 7 waiting or ready, 1 failed. `windows --problems` names them; then `rerun`.",
    )


def test_doctor_names_a_beat_whose_clock_is_off_and_one_that_no_longer_ticks(nightly):
    now = datetime.now(UTC)
    Beat.objects.create(name="right", started_at=now, ticked_at=now, clock=clock.now())
    Beat.objects.create(name="wrong", started_at=now, ticked_at=now, clock=clock.now() + timedelta(seconds=2))
    Beat.objects.create(name="dead", started_at=now, ticked_at=now - timedelta(seconds=11), clock=clock.now())
    parts, _ = examined()
    assert parts["beats"] == ("BAD", "2 alive (right, wrong); clock off: wrong")


def test_doctor_finds_an_orphaned_window(nightly):
    at(1, 5)
    open_due()
    Run.objects.all().delete()
    parts, _ = examined()
    assert parts["windows"] == (
        "BAD",
        "1 open without runs, first daily-first of 2024-07-01 01:00. `backfill` gives its tenants their runs.",
    )


def test_doctor_survives_a_broker_that_is_away(nightly, sandbox):
    sandbox.stop_broker()
    try:
        parts, is_well = examined()
    finally:
        sandbox.start_broker()
    assert not is_well
    assert parts["broker"][0] == parts["workers"][0] == "BAD"
    assert "Check REDIS_URL" in parts["broker"][1]
    assert parts["database"][0] == "ok"


def test_prune_says_what_left(nightly):
    at(4)
    open_due()
    at(4, day=2)
    open_due()
    work_through()
    clock.set_to(datetime(2026, 1, 1, tzinfo=UTC))
    open_due()
    assert run("prune") == "8 windows with 28 runs and 0 messages left.\n"
    assert "35 days is within the catch-up age" in refused("prune", "--days", "35")
