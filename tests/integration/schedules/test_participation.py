"""Who takes part in a window, and what becomes of the runs of a tenant that pauses and returns."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection

from schedules import opening
from schedules.catalog import Catalog
from schedules.models import Run
from schedules.opening import open_due
from tenants.services import close, onboard, resume, suspend
from tests.integration.schedules.threads import at_once
from tests.night import effects, work_through
from tests.nightjobs.catalog import FIRST
from tests.processes import wait_until
from tests.stage import utc


@pytest.mark.parametrize(
    ("enabled_at", "takes_part"),
    [
        (utc(30, 23, 59, month=6), True),
        (utc(1, 0), False),
        (utc(1, 0, 59), False),
        (datetime.fromisoformat("2024-07-01T01:30:00+02:00"), True),  # 30 June in UTC.
    ],
)
def test_a_tenant_takes_part_from_the_business_date_after_it_was_enabled(deployed, make_tenant, enabled_at, takes_part):
    deployed(Catalog((FIRST,)))
    make_tenant("acme", enabled_at=enabled_at)
    open_due(utc(1, 2))
    assert Run.objects.count() == takes_part


def test_a_suspended_tenants_run_is_skipped_and_a_closed_one_has_none(nightly):
    suspend(schema_name="acme")
    close(schema_name="beta")
    open_due(utc(1, 1))
    run = Run.objects.get()
    assert (run.tenant.schema_name, run.state, run.reason, run.finished_at) == (
        "acme",
        "skipped",
        "tenant suspended",
        utc(1, 1),
    )


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda: suspend(schema_name="acme"), {"acme": "skipped", "beta": "ready"}),
        (
            lambda: onboard(schema_name="late", name="Late", enabled_at=utc(1, 0, month=6)),
            {"acme": "ready", "beta": "ready"},
        ),
    ],
    ids=["suspend", "onboard"],
)
def test_a_change_waits_for_an_opening_that_is_on_its_way(nightly, monkeypatch, change, left):
    changes = []
    original = opening.expand

    def expand_beside_the_change(*args, **kwargs):
        wakeups = original(*args, **kwargs)
        changes.append(pool.submit(at_once, change))
        wait_until(lambda: changes[0].done() or somebody_waits_for_a_lock(), what="the change to come to the lock")
        return wakeups

    monkeypatch.setattr(opening, "expand", expand_beside_the_change)
    with ThreadPoolExecutor(1) as pool:
        open_due(utc(1, 1))
        changes[0].result()
    assert dict(Run.objects.values_list("tenant__schema_name", "state")) == left


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone()[0] > 0


@pytest.mark.parametrize("state", ["waiting", "ready", "failed"])
def test_suspending_skips_open_runs_and_resuming_brings_back_only_what_it_skipped(nightly, state):
    open_due(utc(1, 4))
    Run.objects.filter(window__schedule="daily-parent").update(state="skipped", reason="not tonight")
    Run.objects.filter(window__schedule="daily-first").update(state=state, reason="broken")
    suspend(schema_name="acme")
    states = Run.objects.filter(tenant=nightly[0]).order_by("id").values_list("state", "reason")
    assert list(states) == [("skipped", "tenant suspended")] * 3 + [("skipped", "not tonight")]
    assert Run.objects.filter(tenant=nightly[1], state="skipped").count() == 1
    resume(schema_name="acme", catch_up=True)
    assert list(states.all()) == [("waiting", "")] * 3 + [("skipped", "not tonight")]


def test_resuming_with_catch_up_is_refused_when_later_books_stand_on_the_gap(nightly):
    from schedules.exceptions import CatchUpRefusedError

    suspend(schema_name="acme")
    open_due(utc(1, 4))
    resume(schema_name="acme")
    open_due(utc(2, 4))
    work_through()
    suspend(schema_name="acme")
    with pytest.raises(CatchUpRefusedError, match=r"books of 2024-07-01 .* daily-second of 2024-07-02"):
        resume(schema_name="acme", catch_up=True)
    assert nightly[0].__class__.objects.get(schema_name="acme").status == "suspended"
    assert {row.business_date.day for row in effects("acme")} == {2}
