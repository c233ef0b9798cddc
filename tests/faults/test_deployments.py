"""Between two deployments schedules appear, vanish, move and change their names: each date keeps its one window."""

from collections import Counter
from datetime import date

import pytest

from schedules.models import Run, Window
from schedules.registry import register
from tests.night import effects, is_over, story, wait_for_night
from tests.nightjobs import catalog, orders
from tests.processes import wait_until
from tests.stage import FAST, at, utc


@pytest.fixture
def tenant(registered, make_tenant):
    make_tenant("acme")


@pytest.fixture
def release(start):
    """Return a function that migrates to a catalog and replaces the processes by those of its deployment."""
    running = []

    def migrate_to(name):
        register(getattr(catalog, name))
        old, running[:] = running[:], []
        env = {**FAST, "MATINS_CATALOG": f"tests.nightjobs.catalog.{name}"}
        running.extend([start("beat", env=env), start("worker", env=env)])
        for process in old:
            process.kill()

    return migrate_to


def dues(schedule):
    return sorted(Window.objects.filter(schedule=schedule).values_list("due_at", flat=True))


def test_an_added_schedule_opens_no_history(tenant, release):
    release("NIGHTLY")
    at(3)
    wait_for_night(windows=4)
    at(12)
    release("ADDED")
    at(3, day=2)
    wait_for_night(windows=9)
    assert dues("daily-left") == [utc(2, 1)]
    assert Counter(row.schedule for row in effects("acme"))["daily-left"] == 1
    assert Window.objects.count() == 9


def test_a_removed_schedules_runs_are_skipped_and_nothing_waits_for_them(tenant, release):
    orders.give("acme", "first", "end", "once wait go on")
    release("NIGHTLY")
    at(2)
    wait_until(
        lambda: Run.objects.filter(window__schedule="daily-second", state="waiting").exists(), what="a waiting run"
    )
    release("REMOVED")
    orders.say("go on")
    at(3)
    wait_until(lambda: is_over(4), what="the night to end")
    second = Run.objects.get(window__schedule="daily-second")
    assert (second.state, second.reason) == ("skipped", "schedule removed from the catalog")
    at(3, day=2)
    wait_for_night(windows=7)
    assert dues("daily-second") == [utc(1, 2)]
    assert Counter(row.schedule for row in effects("acme")) == {"daily-first": 2, "daily-third": 2, "daily-parent": 8}


def test_a_renamed_schedule_keeps_its_windows_and_its_place_in_the_line(tenant, release):
    orders.give("acme", "first", "end", "once wait go on")
    release("NIGHTLY")
    at(2, 30)
    wait_until(lambda: Run.objects.count() == 3, what="its dependents to be opened")
    release("RENAMED")
    orders.say("go on")
    at(3, day=2)
    wait_for_night(windows=8)
    assert dues("daily-other") == [utc(1, 2), utc(2, 2)]
    assert dues("daily-second") == []
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}, story()
    rows = [(row.schedule, row.business_date.day) for row in effects("acme") if row.item == ""]
    for day in (1, 2):
        line = [name for name, on in rows if on == day]
        assert line == ["daily-first", "daily-other", "daily-third"]


def test_a_moved_schedule_has_one_window_a_date(tenant, release):
    release("NIGHTLY")
    at(3)
    wait_for_night(windows=4)
    at(12)
    release("MOVED")
    at(3, day=2)
    wait_for_night(windows=8)
    assert dues("daily-first") == [utc(1, 1), utc(2, 0, 30)]
    assert Counter(row.schedule for row in effects("acme"))["daily-first"] == 2


def test_a_schedule_moved_while_nobody_ticked_loses_no_date(tenant, start, release):
    beat = start("beat", env=FAST)
    at(1, 30)
    wait_until(Window.objects.exists, what="the first window")
    beat.kill()
    at(12, day=3)
    release("MOVED")
    wait_for_night(windows=12)
    assert [due.date() for due in dues("daily-first")] == [date(2024, 7, day) for day in (1, 2, 3)]
    assert Window.objects.count() == 12


def test_beats_of_two_deployments_at_once_open_one_window_a_date(tenant, start):
    start("worker", env=FAST)
    old = start("beat", env=FAST)
    at(3)
    wait_for_night(windows=4)
    register(catalog.MOVED)
    start("beat", env={**FAST, "MATINS_CATALOG": "tests.nightjobs.catalog.MOVED"})
    at(3, day=2)
    wait_for_night(windows=8)
    assert dues("daily-first") == [utc(1, 1), utc(2, 0, 30)]
    assert old.is_alive
