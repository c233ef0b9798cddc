"""What `migrate` writes of a catalog, and what a later deployment changes of it."""

import pytest

from schedules.catalog import Catalog
from schedules.models import Registration, Run, Window
from schedules.opening import missing, open_due
from schedules.registry import register
from tests.night import work_through
from tests.nightjobs.catalog import FIRST, FIRST_MOVED, HOURLY, NIGHTLY, RENAMED, SECOND, THIRD_ALONE, schedule
from tests.stage import EVE, utc

NOON = utc(1, 12)


def registrations():
    rows = Registration.objects.order_by("name")
    return {row.name: (row.cron, row.since, row.until, row.books) for row in rows}


def windows():
    return sorted(Window.objects.values_list("schedule", "due_at"))


def test_a_first_deployment_is_registered_from_its_own_time_on(deployed):
    deployed(NIGHTLY)
    assert registrations() == {
        "daily-first": ("0 1 * * *", EVE, None, True),
        "daily-parent": ("0 3 * * *", EVE, None, False),
        "daily-second": ("0 2 * * *", EVE, None, True),
        "daily-third": ("30 2 * * *", EVE, None, False),
    }
    assert missing(EVE) == []


def test_the_same_catalog_again_changes_nothing(deployed):
    deployed(NIGHTLY)
    before = list(Registration.objects.order_by("name").values())
    register(NIGHTLY, NOON)
    assert list(Registration.objects.order_by("name").values()) == before


def test_an_added_schedule_is_expected_from_its_deployment_on(deployed):
    deployed(Catalog((FIRST,)))
    deployed_later(NOON, FIRST, HOURLY)
    assert registrations() == {
        "daily-first": ("0 1 * * *", EVE, None, True),
        "hourly-hourly": ("0 * * * *", NOON, None, False),
    }
    open_due(utc(1, 13, 30))
    assert windows() == [("daily-first", utc(1, 1)), ("hourly-hourly", utc(1, 13))]


def deployed_later(now, *schedules):
    """Migrate to another catalog, as the next deployment of this process does."""
    from schedules import registry
    from tests.nightjobs import catalog

    catalog.DEPLOYED = Catalog(schedules)
    registry.catalog.cache_clear()
    register(catalog.DEPLOYED, now)


def test_a_removed_schedule_is_told_and_its_unfinished_runs_are_skipped(deployed, make_tenant):
    deployed(NIGHTLY)
    make_tenant("acme")
    open_due(utc(1, 4))
    Run.objects.filter(window__schedule="daily-first").update(state="failed", reason="broken")
    deployed_later(NOON, SECOND_ALONE)
    gone = "schedule removed from the catalog"
    assert {name: until for name, (_, _, until, _) in registrations().items()} == {
        "daily-first": NOON,
        "daily-parent": NOON,
        "daily-second": None,
        "daily-third": NOON,
    }
    endings = Run.objects.order_by("id").values_list("window__schedule", "state", "reason", "finished_at")
    assert list(endings) == [
        ("daily-first", "skipped", gone, NOON),
        ("daily-second", "waiting", "", None),
        ("daily-third", "skipped", gone, NOON),
        ("daily-parent", "skipped", gone, NOON),
    ]
    assert [run.window.schedule for run in work_through()] == ["daily-second"]


SECOND_ALONE = schedule("daily-second", "0 2 * * *", books=True)


def test_a_schedule_that_returns_is_new(deployed):
    deployed(Catalog((FIRST, HOURLY)))
    deployed_later(NOON, HOURLY)
    deployed_later(utc(5, 12), FIRST, HOURLY)
    assert registrations()["daily-first"] == ("0 1 * * *", utc(5, 12), None, True)
    open_due(utc(6, 3))
    assert [due for name, due in windows() if name == "daily-first"] == [utc(6, 1)]


def test_a_renamed_schedule_takes_its_windows_and_the_edges_to_it_along(deployed, make_tenant):
    deployed(NIGHTLY)
    make_tenant("acme")
    open_due(utc(1, 4))
    deployed_later(NOON, *RENAMED)
    deployed_later(NOON, *RENAMED)  # `renamed_from` stays in the code for a while.
    assert sorted(registrations()) == ["daily-first", "daily-other", "daily-parent", "daily-third"]
    assert registrations()["daily-other"] == ("0 2 * * *", EVE, None, True)
    rows = Window.objects.order_by("due_at").values_list("schedule", "after", "due_at")
    assert list(rows) == [
        ("daily-first", [], utc(1, 1)),
        ("daily-other", ["daily-first"], utc(1, 2)),
        ("daily-third", ["daily-other"], utc(1, 2, 30)),
        ("daily-parent", [], utc(1, 3)),
    ]
    assert [run.window.schedule for run in work_through()][:3] == ["daily-first", "daily-other", "daily-third"]
    assert missing(utc(1, 23)) == []


@pytest.mark.parametrize(
    ("moved_at", "old", "new", "expected"),
    [
        pytest.param(utc(1, 12), "0 1 * * *", "0 5 * * *", [utc(1, 1), utc(2, 5)], id="later, after both"),
        pytest.param(utc(1, 3), "0 1 * * *", "0 5 * * *", [utc(1, 1), utc(2, 5)], id="later, between both"),
        pytest.param(utc(1, 0, 30), "0 1 * * *", "0 5 * * *", [utc(1, 5), utc(2, 5)], id="later, before both"),
        pytest.param(utc(1, 12), "0 5 * * *", "0 1 * * *", [utc(1, 5), utc(2, 1)], id="earlier, after both"),
        pytest.param(utc(1, 3), "0 5 * * *", "0 1 * * *", [utc(1, 1), utc(2, 1)], id="earlier, between both"),
        pytest.param(utc(1, 0, 30), "0 5 * * *", "0 1 * * *", [utc(1, 1), utc(2, 1)], id="earlier, before both"),
    ],
)
def test_a_moved_schedule_expects_every_business_date_once(deployed, moved_at, old, new, expected):
    deployed(Catalog((schedule("daily-first", old),)))
    open_due(moved_at)
    deployed_later(moved_at, schedule("daily-first", new))
    open_due(moved_at)
    open_due(utc(2, 6))
    assert [due for _, due in windows()] == expected
    assert missing(utc(2, 23)) == []


def test_a_schedule_moved_after_an_outage_makes_up_for_every_date_at_its_new_time(deployed):
    deployed(Catalog((FIRST,)))
    open_due(utc(1, 2))
    deployed_later(utc(4, 12), FIRST_MOVED)
    open_due(utc(4, 12))
    assert [due for _, due in windows()] == [utc(1, 1), utc(2, 0, 30), utc(3, 0, 30), utc(4, 0, 30)]


def test_nothing_overtakes_the_new_times_a_moved_schedule_has_yet_to_open(deployed):
    deployed(Catalog((FIRST,)))
    open_due(utc(1, 2))
    deployed_later(utc(4, 12), FIRST_MOVED)
    moved = Registration.objects.get(name="daily-first")
    assert (moved.since, moved.opened_through) == (utc(2, 0), utc(1, 2))


def test_an_hourly_schedule_moved_within_its_hour_loses_no_hour(deployed):
    deployed(Catalog((HOURLY,)))
    open_due(utc(1, 2, 10))
    deployed_later(utc(1, 2, 10), schedule("hourly-hourly", "30 * * * *"))
    open_due(utc(1, 4))
    assert [due for _, due in windows()][-2:] == [utc(1, 2, 30), utc(1, 3, 30)]


def test_a_process_of_another_deployment_opens_nothing_of_a_moved_schedule(deployed):
    deployed(NIGHTLY)
    register(Catalog((FIRST_MOVED, SECOND, THIRD_ALONE)), EVE)  # While this process still has the old catalog.
    open_due(utc(1, 4))
    assert windows() == [("daily-second", utc(1, 2)), ("daily-third", utc(1, 2, 30))]
