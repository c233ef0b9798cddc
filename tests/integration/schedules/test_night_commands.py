"""What operators type in the night: each command says what it did, rehearses without a trace, refuses in a line."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from common import clock
from schedules.catalog import Catalog
from schedules.models import Beat, OutboxMessage, QuarantinedItem, Registration, Run, Window
from schedules.opening import open_due
from schedules.registry import register
from tenants.services import onboard
from tests.night import effects, work_through
from tests.nightjobs.catalog import FIRST, FIRST_MOVED, NIGHTLY, schedule
from tests.stage import FAST, at

LEDGER = (Registration, Window, Run, QuarantinedItem, OutboxMessage)


def utc(day, hour, minute=0):
    return datetime(2024, 7, day, hour, minute, tzinfo=UTC)


def run(*words):
    """Run a command as an operator types it, without waiting for workers; return what it prints."""
    out = StringIO()
    call_command(*words, stdout=out, no_color=True)
    return out.getvalue()


def refused(*words):
    """Return the one line with which a command refuses."""
    with pytest.raises(CommandError) as refusal:
        run(*words)
    message = str(refusal.value)
    assert "\n" not in message
    return message


def ledger():
    return [list(model.objects.order_by("pk").values()) for model in LEDGER]


@pytest.fixture
def nightly(deployed, make_tenant):
    deployed(NIGHTLY)
    for schema_name in ("acme", "beta"):
        make_tenant(schema_name)


def fail(schedule_name, schema_name="acme"):
    runs = Run.objects.filter(window__schedule=schedule_name, tenant__schema_name=schema_name)
    runs.update(state="failed", failures=4, reason="RuntimeError: the till is short")


# --- catch_up, run_window -------------------------------------------------------------------------------------------


def test_catch_up_opens_what_was_missed(nightly):
    at(4, day=2)
    said = run("catch_up", "--no-wait")
    assert said.splitlines() == [
        "  daily-first due 2024-07-01 01:00",
        "  daily-second due 2024-07-01 02:00",
        "  daily-third due 2024-07-01 02:30",
        "  daily-parent due 2024-07-01 03:00",
        "  daily-first due 2024-07-02 01:00",
        "  daily-second due 2024-07-02 02:00",
        "  daily-third due 2024-07-02 02:30",
        "  daily-parent due 2024-07-02 03:00",
        "8 windows were missing.",
    ]
    assert (Window.objects.count(), Run.objects.count()) == (8, 16)
    assert Run.objects.filter(published_at__isnull=False).count() == 4
    assert run("catch_up", "--no-wait") == "0 windows were missing.\n"


def test_catch_up_waits_for_the_runs_behind_a_bar(nightly, start):
    at(4)
    start("worker", env=FAST)
    assert "14/14" in run("catch_up")
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}


def test_run_window_opens_it_with_everything_due_before(nightly):
    at(4)
    assert run("run_window", "daily-second", "2024-07-01", "--no-wait").splitlines() == [
        "  daily-second due 2024-07-01 02:00 is open",
        "daily-second of 2024-07-01.",
    ]
    assert Window.objects.count() == 4
    assert [one.window.schedule for one in work_through()][:4] == ["daily-first"] * 2 + ["daily-second"] * 2


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (
            ["daily-fisrt", "2024-07-01"],
            "There is no schedule 'daily-fisrt'. `windows` lists them; `migrate` registers new ones.",
        ),
        (["daily-first", "2024-07-02"], "daily-first of 2024-07-02 is due at 2024-07-02 01:00 UTC, not yet."),
        (
            ["daily-first", "2024-06-30"],
            (
                "daily-first of 2024-06-30 is not open (it was due before the schedule was registered): "
                "`backfill` opens it."
            ),
        ),
    ],
)
def test_run_window_refuses_what_has_no_window(nightly, words, refusal):
    at(4)
    assert refused("run_window", *words) == refusal


def test_run_window_refuses_a_date_without_an_occurrence(deployed, make_tenant):
    deployed(Catalog((schedule("monthly-first", "0 8 1 * *"),)))
    at(12, day=15)
    assert refused("run_window", "monthly-first", "2024-07-14") == "monthly-first (0 8 1 * *) is not due on 2024-07-14."


# --- backfill -------------------------------------------------------------------------------------------------------


def backfill(first, last, *words, schedule_name="daily-third"):
    return run("backfill", "--schedule", schedule_name, "--from", first, "--to", last, "--no-wait", *words)


@pytest.fixture
def old_tenant(deployed, make_tenant):
    """A tenant that was enabled before the schedules were registered."""
    deployed(NIGHTLY)
    return make_tenant("acme", enabled_at=datetime(2024, 6, 20, tzinfo=UTC))


def test_backfill_opens_a_range_before_the_schedule_was_registered(old_tenant):
    said = backfill("2024-06-27", "2024-06-29")
    assert said.splitlines()[-1] == "3 windows, 3 runs."
    assert list(Window.objects.order_by("due_at").values_list("business_date", "origin")) == [
        (datetime(2024, 6, day, tzinfo=UTC).date(), "backfill") for day in (27, 28, 29)
    ]
    assert len(work_through()) == 3
    assert [row.business_date.day for row in effects("acme")] == [27, 28, 29]


def test_backfill_does_not_go_before_a_tenant_was_enabled_nor_after_the_present(old_tenant):
    backfill("2024-06-18", "2024-07-05")
    runs = Run.objects.order_by("window__due_at").values_list("window__business_date", flat=True)
    assert [day.day for day in runs] == list(range(21, 31))
    assert Window.objects.count() == 13


def test_backfill_again_adds_nothing(old_tenant):
    backfill("2024-06-27", "2024-06-29")
    before = ledger()
    assert backfill("2024-06-27", "2024-06-29").splitlines()[-1] == "3 windows, 0 runs."
    assert ledger() == before


def test_backfill_reopens_a_window_skipped_for_its_age(deployed, make_tenant):
    deployed(Catalog((schedule("daily-third", "30 2 * * *", catch_up_age=timedelta(days=2)),)))
    make_tenant("acme")
    at(12, day=6)
    open_due()
    skipped = Window.objects.exclude(skipped="").get()
    assert skipped.business_date.day == 4
    backfill("2024-07-01", "2024-07-04")
    skipped.refresh_from_db()
    assert (skipped.skipped, skipped.origin) == ("", "backfill")
    work_through()
    assert [row.business_date.day for row in effects("acme")] == [1, 2, 3, 4, 5, 6]


def test_backfill_gives_a_tenant_that_lacks_it_its_run(nightly):
    at(4)
    open_due()
    work_through()
    onboard(schema_name="late", name="Late", enabled_at=datetime(2024, 6, 1, tzinfo=UTC))
    assert backfill("2024-07-01", "2024-07-01", "--tenant", "late").splitlines()[-1] == "1 windows, 1 runs."
    work_through()
    assert [row.schedule for row in effects("late")] == ["daily-third"]
    assert len(effects("acme")) == 7


def test_backfill_of_books_that_later_books_stand_on_is_refused_and_changes_nothing(nightly):
    at(4, day=2)
    register(Catalog((FIRST,)), utc(2, 4))
    onboard(schema_name="late", name="Late", enabled_at=datetime(2024, 6, 1, tzinfo=UTC))
    at(4, day=3)
    open_due()
    work_through()
    before = ledger()
    words = ("backfill", "--schedule", "daily-first", "--from", "2024-06-28", "--to", "2024-06-29")
    message = refused(*words)
    assert message.startswith(
        "daily-first of 2024-06-28 would rewrite the books of late: daily-first of 2024-07-03 was"
    )
    assert ledger() == before


def test_backfill_of_books_comes_before_the_later_ones_that_still_wait(deployed, make_tenant):
    deployed(Catalog((FIRST,)))
    make_tenant("acme", enabled_at=datetime(2024, 6, 1, tzinfo=UTC))
    at(1)
    open_due()
    backfill("2024-06-28", "2024-06-30", schedule_name="daily-first")
    work_through()
    assert [row.business_date.isoformat() for row in effects("acme")] == [
        "2024-06-28",
        "2024-06-29",
        "2024-06-30",
        "2024-07-01",
    ]


def test_backfill_over_a_date_that_had_its_window_at_an_old_time_changes_nothing(deployed, make_tenant):
    from schedules import registry
    from tests.nightjobs import catalog

    deployed(Catalog((FIRST,)))
    make_tenant("acme")
    at(4)
    open_due()
    work_through()
    catalog.DEPLOYED = Catalog((FIRST_MOVED,))
    registry.catalog.cache_clear()
    register(catalog.DEPLOYED)
    assert backfill("2024-07-01", "2024-07-01", schedule_name="daily-first").splitlines()[-1] == "1 windows, 0 runs."
    assert Window.objects.get().due_at == utc(1, 1)


def test_backfill_refuses_an_empty_range(nightly):
    words = ("backfill", "--schedule", "daily-third", "--from", "2024-07-03", "--to", "2024-07-01")
    assert refused(*words) == "The range 2024-07-03 … 2024-07-01 is empty: --from comes before --to."


def test_a_date_that_is_none_is_refused(nightly):
    assert "'2023-02-29' is not a date like 2024-02-29" in refused("run_window", "daily-first", "2023-02-29")


# --- rerun, skip ----------------------------------------------------------------------------------------------------


def test_rerun_runs_what_failed_and_leaves_the_rest_alone(nightly):
    at(4)
    open_due()
    fail("daily-third")
    work_through()
    said = run("rerun", "daily-third", "2024-07-01", "--no-wait")
    assert said.splitlines() == ["  acme: failed (RuntimeError: the till is short)", "1 runs go again."]
    assert [one.tenant.schema_name for one in work_through()] == ["acme"]


def test_rerun_of_one_tenant_leaves_the_others(nightly):
    at(4)
    open_due()
    for schema_name in ("acme", "beta"):
        fail("daily-third", schema_name)
    run("rerun", "daily-third", "2024-07-01", "--tenant", "beta", "--no-wait")
    assert set(Run.objects.filter(state="failed").values_list("tenant__schema_name", flat=True)) == {"acme"}


def test_skip_gives_up_what_is_not_done_and_keeps_the_reason(nightly):
    at(4)
    open_due()
    fail("daily-first")
    said = run("skip", "daily-first", "2024-07-01", "--tenant", "acme", "--reason", "no tape came")
    assert said.splitlines() == ["  acme: failed", "1 runs skipped."]
    (skipped,) = Run.objects.filter(state="skipped")
    assert (skipped.reason, skipped.tenant.schema_name) == ("no tape came", "acme")
    work_through()
    assert "daily-second" in {row.schedule for row in effects("acme")}


def test_rerun_and_skip_refuse_where_there_is_nothing_to_do(nightly):
    at(4)
    open_due()
    work_through()
    nothing = "Nothing of daily-first of 2024-07-01"
    assert refused("rerun", "daily-first", "2024-07-01") == f"{nothing} failed, was skipped or is in quarantine."
    assert refused("skip", "daily-first", "2024-07-01", "--reason", "x") == f"{nothing} is waiting, ready or failed."


# --- dry runs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["catch_up"],
        ["run_window", "daily-first", "2024-07-02"],
        ["backfill", "--schedule", "daily-first", "--from", "2024-06-28", "--to", "2024-07-02"],
        ["rerun", "daily-second", "2024-07-01"],
        ["rerun", "daily-first", "2024-07-01"],
        ["skip", "daily-third", "2024-07-01", "--reason", "not tonight"],
        ["prune"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_dry_run_says_what_would_happen_and_writes_nothing(nightly, words):
    at(4)
    open_due()
    Run.objects.filter(window__schedule="daily-first").update(state="skipped", reason="not tonight")
    Run.objects.filter(window__schedule="daily-second").update(state="ready", published_at=clock.now())
    fail("daily-second", "beta")
    Beat.objects.create(name="dead", started_at=utc(1, 1), ticked_at=datetime(2020, 1, 1, tzinfo=UTC), clock=utc(1, 1))
    at(4, day=2)
    before = ledger()
    assert len(run(*words, "--dry-run")) > 0
    assert ledger() == before
    assert Beat.objects.count() == 1


# --- windows, doctor, prune -----------------------------------------------------------------------------------------


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
    from tests.processes import wait_until

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
