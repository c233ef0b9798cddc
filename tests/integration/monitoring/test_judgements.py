"""What the exporter says of a night: each state and each problem judged as DESIGN's words have it."""

from datetime import timedelta

import pytest

from common import clock
from monitoring.serving import Monitor
from schedules.models import Run, Window
from schedules.opening import open_due
from tenants import services as tenants
from tests.integration.monitoring.scrapes import scraped
from tests.integration.schedules.commands import fail
from tests.nightjobs.catalog import NIGHTLY
from tests.stage import at, utc

FIRST, SECOND, THIRD, PARENT = (schedule.name for schedule in NIGHTLY)


@pytest.fixture
def monitor(night):
    return Monitor()


def states(scrape, schedule):
    return scrape.of("schedule_tenants", "state", schedule=schedule)


def problems(scrape, schedule):
    return scrape.of("schedule_problems", "problem", schedule=schedule)


def all_problems(scrape):
    return sum(value for (name, _), value in scrape.items() if name in {"schedule_problems", "tenant_problems"})


def set_started(schedule, **values):
    Run.objects.filter(window__schedule=schedule).update(**{"started_at": utc(1, 1), **values})


def test_a_first_deployment_has_nothing_to_tell(deployed, monitor):
    deployed(NIGHTLY)
    at(4)
    scrape = scraped(monitor)
    assert (all_problems(scrape), scrape.one("tenants", state="active"), scrape.one("series_omitted")) == (0, 0, 0)
    assert all(not states(scrape, schedule.name) for schedule in NIGHTLY)
    assert "beat_tick_timestamp_seconds" not in scrape.names()
    assert not scrape.of("tenant_schedule_late_seconds", "tenant")


def test_a_run_is_ready_then_late_then_missed(nightly, monitor):
    open_due(utc(1, 1))
    seen = {}
    for moment in (utc(1, 1, 9), utc(1, 1, 10), utc(1, 2)):
        clock.set_to(moment)
        scrape = scraped(monitor)
        seen[moment] = (states(scrape, FIRST), problems(scrape, FIRST))
    assert list(seen.values()) == [({"ready": 2}, {}), ({"late": 2}, {}), ({"missed": 2}, {"missed": 2})]
    assert scrape.of("tenant_problems", "tenant") == {"acme": 1, "beta": 1}


def test_a_missed_run_is_told_by_tenant_with_where_it_runs_and_since_when_it_was_due(nightly, monitor):
    open_due(utc(1, 1))
    set_started(FIRST, state="succeeded")
    Run.objects.filter(tenant__schema_name="beta").update(state="ready", started_at=None)
    clock.set_to(utc(1, 2) - timedelta(seconds=1))
    assert not scraped(monitor).of("tenant_schedule_late_seconds", "tenant")
    clock.set_to(utc(1, 2))
    scrape = scraped(monitor)
    labels = {"tenant": "beta", "schedule": FIRST, "queue": "money", "criticality": "page", "problem": "missed"}
    late_s = scrape.one("tenant_schedule_late_seconds", **labels)
    assert late_s == pytest.approx(3600, abs=60)
    assert scrape.one("schedule_oldest_problem_seconds", schedule=FIRST) == late_s
    assert states(scrape, FIRST) == {"succeeded": 1, "missed": 1}


def test_a_deadline_that_passes_between_two_scans_is_seen_by_the_next_scrape(nightly, monitor):
    open_due(utc(1, 1))
    clock.set_to(utc(1, 1, 59))
    assert problems(scraped(monitor), FIRST) == {}
    clock.set_to(utc(1, 2))
    assert problems(scraped(monitor, look=False), FIRST) == {"missed": 2}


@pytest.mark.parametrize("state", ["running", "waiting"])
def test_a_run_that_was_started_is_overdue_past_its_deadline_also_while_it_rests_before_a_retry(
    nightly, monitor, state
):
    open_due(utc(1, 1))
    set_started(FIRST, state=state, token="0" * 32 if state == "running" else None)
    clock.set_to(utc(1, 1, 59))
    assert states(scraped(monitor), FIRST) == {state: 2}
    clock.set_to(utc(1, 2))
    scrape = scraped(monitor)
    assert (states(scrape, FIRST), problems(scrape, FIRST)) == ({"overdue": 2}, {"overdue": 2})


def test_what_waits_behind_a_failed_run_is_blocked_and_no_problem_of_its_own(nightly, monitor):
    at(4)
    open_due()
    Run.objects.update(state="succeeded")
    for schedule in (FIRST, SECOND, THIRD):
        Run.objects.filter(window__schedule=schedule, tenant__schema_name="acme").update(state="waiting")
    fail(FIRST)
    clock.set_to(utc(1, 20))  # Every deadline is past.
    scrape = scraped(monitor)
    assert (problems(scrape, FIRST), problems(scrape, SECOND), problems(scrape, THIRD)) == ({"failed": 1}, {}, {})
    assert states(scrape, SECOND) == {"blocked": 1, "succeeded": 1}
    assert scrape.one("tenant_schedule_dependents", tenant="acme", schedule=FIRST) == 2
    assert scrape.of("tenant_schedule_late_seconds", "schedule") == {FIRST: pytest.approx(19 * 3600, abs=60)}
    assert scrape.of("tenant_problems", "tenant") == {"acme": 1}


def test_a_failed_child_is_its_tenants_problem(nightly, monitor):
    at(3)
    open_due()
    parent = Run.objects.get(window__schedule=PARENT, tenant__schema_name="acme")
    set_started(PARENT, state="waiting", fanned_out_at=utc(1, 3))
    Run.objects.create(window=parent.window, tenant=parent.tenant, item="a", state="failed", reason="no till")
    scrape = scraped(monitor)
    assert (states(scrape, PARENT), problems(scrape, PARENT)) == ({"running": 2}, {"failed": 1})
    clock.set_to(utc(1, 4))
    assert problems(scraped(monitor), PARENT) == {"failed": 1, "overdue": 2}


def test_a_suspended_tenant_has_no_problems_and_no_series(nightly, monitor):
    open_due(utc(1, 1))
    set_started(FIRST, state="running", token="0" * 32)  # A body that runs ends as usual, or hangs.
    tenants.suspend(schema_name="acme")
    at(4)
    scrape = scraped(monitor)
    assert scrape.of("schedule_problems", "problem", schedule=FIRST) == {"overdue": 1}
    assert set(scrape.of("tenant_problems", "tenant")) == {"beta"}
    assert (scrape.one("tenants", state="active"), scrape.one("tenants", state="suspended")) == (1, 1)


def test_a_new_tenant_owes_nothing_of_the_night_it_came_in(nightly, monitor, make_tenant):
    at(4)
    make_tenant("newcomer", enabled_at=clock.now())
    scrape = scraped(monitor)
    assert scrape.one("tenant_problems", tenant="newcomer") == 0
    assert states(scrape, FIRST) == {"missed": 2}


def test_a_window_that_nobody_opened_counts_its_tenants_late_then_missed(nightly, monitor):
    seen = []
    for moment in (utc(1, 1), utc(1, 1, 10), utc(1, 2) - timedelta(seconds=1), utc(1, 2)):
        clock.set_to(moment)
        scrape = scraped(monitor)
        seen.append((states(scrape, FIRST), problems(scrape, FIRST)))
    assert seen == [({"waiting": 2}, {}), ({"late": 2}, {}), ({"late": 2}, {}), ({"missed": 2}, {"missed": 2})]
    assert scrape.one("schedule_windows_unopened", schedule=FIRST) == 1
    assert scrape.of("tenant_schedule_late_seconds", "tenant", schedule=FIRST, problem="missed").keys() == {
        "acme",
        "beta",
    }
    assert not Window.objects.exists()


def test_a_window_opened_late_counts_its_grace_from_then(nightly, monitor):
    clock.set_to(utc(1, 5))
    open_due()
    assert problems(scraped(monitor), FIRST) == {}
    clock.set_to(utc(1, 6))
    scrape = scraped(monitor)
    assert problems(scrape, FIRST) == {"missed": 2}
    assert scrape.one("schedule_oldest_problem_seconds", schedule=FIRST) == pytest.approx(5 * 3600, abs=60)


def test_a_failed_run_is_told_however_old_its_window_is(nightly, monitor):
    open_due(utc(1, 1))
    Run.objects.update(state="succeeded")
    fail(FIRST)
    clock.set_to(utc(1, 1) + timedelta(days=60))
    scrape = scraped(monitor)
    assert scrape.of("tenant_schedule_late_seconds", "tenant", problem="failed") == {
        "acme": pytest.approx(60 * 86_400, abs=60)
    }


def test_ad_hoc_work_is_told_only_while_it_has_a_problem(nightly, monitor):
    from schedules.ad_hoc import dispatch

    at(4)
    dispatch(task="tests.nightjobs.tasks.third", key="by-hand", queue="casework", books=False, args=[], kwargs={})
    name = "adhoc:tests.nightjobs.tasks.third"
    assert ("schedule", name) not in {pair for _, pairs in scraped(monitor) for pair in pairs}
    Run.objects.update(state="succeeded")
    fail(name)
    scrape = scraped(monitor)
    assert problems(scrape, name) == {"failed": 1}
    assert scrape.of("tenant_schedule_late_seconds", "criticality", schedule=name).keys() == {"ticket"}


def test_items_left_out_are_counted_by_schedule(nightly, monitor):
    open_due(utc(1, 1))
    set_started(FIRST, state="succeeded", exceptions=3)
    clock.set_to(utc(1, 1, 30))
    assert scraped(monitor).of("schedule_quarantined", "schedule") == {FIRST: 6}
