"""`backfill`: a past range of one schedule, as far as no later books stand on it."""

from datetime import UTC, datetime, timedelta

import pytest

from schedules import registry
from schedules.catalog import Catalog
from schedules.models import Run, Window
from schedules.opening import open_due
from schedules.registry import register
from tenants.services import onboard
from tests.integration.schedules.commands import ledger, refused, run
from tests.night import effects, work_through
from tests.nightjobs import catalog
from tests.nightjobs.catalog import FIRST, FIRST_MOVED, NIGHTLY, schedule
from tests.stage import at, utc


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
