"""What becomes of an occurrence that is due: one window, one run a tenant, whoever opens it and however late."""

from datetime import UTC, date, datetime, timedelta

import pytest

from common import clock
from schedules import opening
from schedules.catalog import Catalog
from schedules.models import Run, Window
from schedules.opening import Opened, missing, open_due
from tests.integration.schedules.threads import at_once
from tests.night import broker_client, work_through
from tests.nightjobs.catalog import FIRST, HOURLY, schedule
from tests.stage import utc

MINUTES = timedelta(minutes=1)
DAYS = timedelta(days=1)


def runs(**of):
    return list(Run.objects.filter(**of).order_by("id"))


def messages():
    with broker_client() as broker:
        return sum(broker.llen(queue) for queue in ("control", "money", "casework", "documents"))


def test_a_due_occurrence_becomes_a_window_with_a_run_a_tenant(nightly):
    assert open_due(utc(1, 1, 5)) == Opened(windows=1, published=2)
    window = Window.objects.get()
    assert (window.schedule, window.key, window.origin) == ("daily-first", "2024-07-01T01:00:00+00:00", "scheduled")
    assert (window.task, window.queue, window.after) == ("tests.nightjobs.tasks.first", "money", [])
    assert (window.books, window.dated, window.skipped) == (True, True, "")
    assert (window.due_at, window.business_date) == (utc(1, 1), date(2024, 7, 1))
    assert (window.opened_at, window.late_at, window.deadline_at) == (utc(1, 1, 5), utc(1, 1, 10), utc(1, 2))
    assert [(run.tenant, run.item, run.state) for run in runs()] == [(tenant, "", "ready") for tenant in nightly]
    assert messages() == 2


def test_nothing_is_open_before_it_is_due(nightly):
    assert open_due(utc(1, 1) - timedelta(microseconds=1)) == Opened(windows=0, published=0)
    assert open_due(utc(1, 1)) == Opened(windows=1, published=2)


def test_the_same_window_again_is_no_row_and_no_message(nightly):
    open_due(utc(1, 4))
    rows = list(Run.objects.order_by("id").values()), list(Window.objects.order_by("id").values())
    sent = messages()
    assert open_due(utc(1, 4)) == Opened(windows=0, published=0)
    assert (list(Run.objects.order_by("id").values()), list(Window.objects.order_by("id").values())) == rows
    assert messages() == sent


def test_a_window_opened_after_its_grace_is_catch_up_and_counts_from_its_opening(nightly):
    open_due(utc(1, 1, 10) + timedelta(seconds=1))
    window = Window.objects.get()
    assert window.origin == "catch_up"
    assert (window.late_at - window.opened_at, window.deadline_at - window.opened_at) == (10 * MINUTES, 60 * MINUTES)


def test_a_hole_is_found_like_a_missed_night(nightly):
    open_due(utc(3, 4))
    hole = Window.objects.get(schedule="daily-third", business_date=date(2024, 7, 2))
    Run.objects.filter(window=hole).delete()
    hole.delete()
    assert [(one.schedule.name, one.due_at) for one in missing(utc(3, 4))] == [("daily-third", utc(2, 2, 30))]
    assert open_due(utc(3, 4)).windows == 1
    assert Window.objects.count() == 12


def test_occurrences_beyond_the_catch_up_age_are_one_skipped_window(deployed, make_tenant):
    deployed(Catalog((FIRST,)))
    make_tenant("acme")
    now = utc(1, 12) + 40 * DAYS
    open_due(now)
    rows = list(Window.objects.order_by("due_at").values_list("due_at", "skipped"))
    oldest = now - 35 * DAYS
    assert rows[0] == (
        utc(1, 1) + 5 * DAYS,
        "older than the catch-up age of 35 days, with all before it",
    )
    assert [skipped for _, skipped in rows[1:]] == [""] * 35
    assert [due for due, _ in rows[1:]] == [utc(1, 1) + n * DAYS for n in range(6, 41)]
    assert rows[0][0] < oldest < rows[1][0]
    assert Run.objects.count() == 35
    assert open_due(now) == Opened(windows=0, published=0)


def test_a_yearly_schedule_reports_what_is_too_old_once(deployed, make_tenant):
    deployed(Catalog((schedule("yearly-first", "0 8 1 1 *"),)))
    make_tenant("acme")
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert open_due(now).windows == 1
    assert Window.objects.get().due_at == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert open_due(now) == Opened(windows=0, published=0)


def test_with_latest_only_the_newest_missed_window_is_opened(deployed, make_tenant):
    deployed(Catalog((HOURLY,)))
    make_tenant("acme")
    open_due(utc(1, 3, 30))
    rows = Window.objects.order_by("due_at").values_list("due_at", "skipped")
    assert list(rows)[-4:] == [
        (utc(1, 0), "superseded by the window due 2024-07-01 03:00:00"),
        (utc(1, 1), "superseded by the window due 2024-07-01 03:00:00"),
        (utc(1, 2), "superseded by the window due 2024-07-01 03:00:00"),
        (utc(1, 3), ""),
    ]
    assert [run.window.due_at for run in runs()] == [utc(1, 3)]


@pytest.mark.parametrize(
    ("state", "kept"), [("waiting", False), ("ready", False), ("failed", False), ("running", True), ("succeeded", True)]
)
def test_with_latest_a_new_window_supersedes_what_is_not_running_or_done(deployed, make_tenant, state, kept):
    deployed(Catalog((HOURLY,)), at=utc(1, 2, 30))
    make_tenant("acme", enabled_at=utc(1, 12, month=6))
    open_due(utc(1, 3))
    token = "00000000-0000-4000-8000-000000000000" if state == "running" else None
    Run.objects.update(state=state, token=token, reason="broken" if state == "failed" else "")
    open_due(utc(1, 4))
    older, newer = runs()
    assert older.state == (state if kept else "skipped")
    assert kept or older.reason == "superseded by the window due 2024-07-01 04:00"
    assert newer.state == ("waiting" if state == "running" else "ready")


def test_two_openers_at_once_open_every_window_once(nightly):
    opened = at_once(*[lambda: open_due(utc(1, 1))] * 4)
    assert sum(one.windows for one in opened) == Window.objects.count() == 1
    assert sum(one.published for one in opened) == Run.objects.count() == messages() == 2
    opened = at_once(*[lambda: open_due(utc(2, 4))] * 4)
    assert sum(one.windows for one in opened) == Window.objects.count() - 1 == 7
    assert Run.objects.count() == 16


def test_a_catch_up_of_many_windows_is_opened_whole_in_due_order(deployed, make_tenant):
    deployed(Catalog((schedule("hourly-hourly", "0 * * * *"),)))
    make_tenant("acme")
    open_due(utc(8, 12))
    dues = list(Window.objects.order_by("id").values_list("due_at", flat=True))
    assert dues == sorted(dues)
    assert len(dues) == 192


def test_an_opening_cut_short_lets_nothing_start_before_what_is_due_together_with_it(
    deployed, make_tenant, monkeypatch
):
    second = schedule("daily-second", "0 1 * * *", after=("daily-first",))
    deployed(Catalog((second, FIRST)))
    make_tenant("acme")
    monkeypatch.setattr("schedules.opening.WINDOWS_PER_TRANSACTION", 1)
    monkeypatch.setattr("schedules.opening.participation_lock", dying_after(1, opening.participation_lock))
    with pytest.raises(RuntimeError, match="died"):
        open_due(utc(1, 1))
    assert [window.schedule for window in Window.objects.all()] == ["daily-second"]
    assert work_through() == []
    monkeypatch.undo()
    open_due(utc(1, 1))
    assert [run.window.schedule for run in work_through()] == ["daily-first", "daily-second"]


def dying_after(calls, function):
    """Return the function as it is for a process that dies at a later call of it."""
    left = iter(range(calls))

    def call(*args, **kwargs):
        if next(left, None) is None:
            raise RuntimeError("died")
        return function(*args, **kwargs)

    return call


STAGGERED = schedule("daily-first", "0 1 * * *", stagger=timedelta(minutes=30))


def test_a_stagger_puts_each_tenant_always_at_the_same_place(deployed, make_tenant):
    deployed(Catalog((STAGGERED,)))
    for number in range(12):
        make_tenant(f"tenant_{number}")
    open_due(utc(1, 1))
    open_due(utc(2, 1))
    places = {1: {}, 2: {}}
    for run in Run.objects.select_related("window", "tenant"):
        places[run.window.business_date.day][run.tenant.schema_name] = run.starts_at - run.window.due_at
    assert places[1] == places[2]
    assert all(timedelta(0) <= place < timedelta(minutes=30) for place in places[1].values())
    assert len(set(places[1].values())) > 6


def test_a_staggered_run_starts_in_its_turn(deployed, make_tenant):
    deployed(Catalog((STAGGERED,)))
    make_tenant("acme")
    open_due(utc(1, 1))
    run = Run.objects.get()
    assert (run.state, run.published_at) == ("waiting", None)
    clock.set_to(run.starts_at - timedelta(seconds=5))
    assert work_through() == []
    clock.set_to(run.starts_at)
    assert work_through() == [run]


def test_a_late_window_is_not_staggered(deployed, make_tenant):
    deployed(Catalog((STAGGERED,)))
    make_tenant("acme")
    open_due(utc(1, 3))
    run = Run.objects.get()
    assert (run.state, run.starts_at) == ("ready", None)
