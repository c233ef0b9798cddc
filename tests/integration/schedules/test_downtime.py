"""The property behind all of catching up: when beats were there makes no difference to what the night leaves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django_tenants.utils import schema_context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schedules.models import Run, Window
from schedules.opening import missing, open_due
from tests.night import DUE, assert_effects_once_and_in_order, work_through
from tests.nightjobs.catalog import CATALOG, NIGHTLY
from tests.nightjobs.models import Effect
from tests.stage import EVE, deploy

NIGHTS = 2  # No longer than the catch-up age of the hourly schedule.
DATES = [date(2024, 7, day) for day in range(1, NIGHTS + 1)]
END = EVE + timedelta(days=NIGHTS)
MINUTES = int((END - EVE) / timedelta(minutes=1))
#: The minutes at which some beat happened to tick, before the last tick of all.
TICKS = st.lists(st.integers(0, MINUTES), max_size=12).map(sorted)
AS_OFTEN_AS_TIME_ALLOWS = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def fresh_ledger(catalog):
    Run.objects.all().delete()
    Window.objects.all().delete()
    deploy(catalog)


def moments(ticks):
    return [*(EVE + timedelta(minutes=minute) for minute in ticks), END]


def expected():
    """Return what is due in these nights and days, counted by hand."""
    nightly = {(name, datetime.combine(day, due, UTC)) for day in DATES for name, due in DUE.items()}
    return nightly | {("hourly-hourly", EVE + timedelta(hours=hour)) for hour in range(1, 24 * NIGHTS + 1)}


@AS_OFTEN_AS_TIME_ALLOWS
@given(ticks=TICKS)
def test_any_downtime_leaves_the_same_windows(deployed, make_tenant_once, ticks):
    fresh_ledger(CATALOG)
    for moment in moments(ticks):
        open_due(moment)
        assert missing(moment) == []
    windows = list(Window.objects.values_list("schedule", "due_at", "skipped"))
    assert len(windows) == len(expected())
    assert {(name, due) for name, due, _ in windows} == expected()
    assert all(name == "hourly-hourly" for name, _, skipped in windows if skipped)
    assert Run.objects.count() == len([skipped for *_, skipped in windows if not skipped])


@AS_OFTEN_AS_TIME_ALLOWS
@given(ticks=TICKS, worked=st.sets(st.integers(0, 12)))
def test_any_downtime_leaves_the_same_rows_in_the_same_order(deployed, make_tenant_once, ticks, worked):
    deployed(NIGHTLY)
    fresh_ledger(NIGHTLY)
    with schema_context("acme"):
        Effect.objects.all().delete()
    for number, moment in enumerate(moments(ticks)):
        open_due(moment)
        if number in worked:
            work_through(newest_first=True)
    work_through(newest_first=True)
    assert_effects_once_and_in_order("acme", DATES)


@pytest.fixture
def make_tenant_once(deployed, make_tenant):
    """The one tenant of all examples, and the catalog with every policy."""
    deployed(CATALOG)
    return make_tenant("acme", enabled_at=EVE - timedelta(days=9))
