"""Where a run stands in its tenant's line when it is opened, and when the line moves on."""

from datetime import date

from schedules.catalog import Catalog
from schedules.models import Registration, Run, Window
from schedules.opening import open_due
from tests.night import effects, work_through
from tests.nightjobs.catalog import FIRST, SECOND, THIRD
from tests.stage import utc


def test_of_a_tenants_line_only_the_first_run_is_ready(nightly):
    open_due(utc(2, 4))
    states = (
        Run.objects.filter(tenant=nightly[0])
        .order_by("window__due_at")
        .values_list("window__schedule", "window__business_date", "state")
    )
    first, second = date(2024, 7, 1), date(2024, 7, 2)
    assert list(states) == [
        ("daily-first", first, "ready"),
        ("daily-second", first, "waiting"),
        ("daily-third", first, "waiting"),
        ("daily-parent", first, "ready"),
        ("daily-first", second, "waiting"),
        ("daily-second", second, "waiting"),
        ("daily-third", second, "waiting"),
        ("daily-parent", second, "waiting"),
    ]


def test_a_catch_up_runs_the_books_in_order_over_all_dates(nightly):
    open_due(utc(3, 4))
    work_through(newest_first=True)
    books = [
        (row.business_date.day, row.schedule)
        for row in effects("acme")
        if row.schedule in {"daily-first", "daily-second"}
    ]
    assert books == [(day, name) for day in (1, 2, 3) for name in ("daily-first", "daily-second")]


def test_a_run_waits_for_a_predecessor_that_nobody_has_opened_yet(deployed, make_tenant):
    deployed(Catalog((FIRST, SECOND, THIRD)))
    make_tenant("acme")
    open_due(utc(1, 4))
    Run.objects.filter(window__schedule="daily-first").delete()
    Window.objects.filter(schedule="daily-first").delete()
    Registration.objects.filter(name="daily-first").update(opened_through=utc(1, 0))  # As if it had never been.
    assert work_through() == []
    open_due(utc(1, 4))
    assert [run.window.schedule for run in work_through()] == ["daily-first", "daily-second", "daily-third"]
