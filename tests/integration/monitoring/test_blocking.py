"""The exporter's set-based line says of every run what the claim's own SQL says, on ledgers made at random."""

import random

import pytest

from common import clock
from monitoring import reading
from schedules import line, sql
from schedules.models import Registration, Run
from schedules.opening import open_due
from tests.integration.schedules.commands import fail
from tests.nightjobs.catalog import NIGHTLY
from tests.stage import at, utc

_BLOCKED = f"""
SELECT w.id AS window, r.tenant_id AS tenant FROM public.schedules_run r
JOIN public.schedules_window w ON w.id = r.window_id
WHERE r.state IN ('waiting', 'ready') AND r.item = '' AND {line.BLOCKED}"""


def blocked_by_sql():
    return {(row.window, row.tenant) for row in sql.fetch(_BLOCKED)}


def blocked_by_sets():
    return {(window.id, tenant) for window in reading.read().windows for tenant in window.blocked}


@pytest.fixture
def three_nights(nightly):
    """Three nights of two tenants, unfinished, with ad hoc work among them."""
    from schedules.ad_hoc import dispatch

    for day in (1, 2, 3):
        at(4, day=day)
        open_due()
        for books in (False, True):
            task = "tests.nightjobs.tasks.second"
            dispatch(task=task, key=f"{day} {books}", queue="money", books=books, args=[], kwargs={})


def shuffle(dice):
    """Put every run into some state, and sometimes leave doubt whether a schedule has opened all its windows."""
    for run in Run.objects.all():
        run.state = dice.choice(["succeeded", "succeeded", "waiting", "ready", "running", "failed"])
        run.token = "0" * 32 if run.state == "running" else None
        run.started_at = utc(1, 1) if run.state == "running" or dice.random() < 0.3 else None
        run.reason = "no till" if run.state == "failed" else ""
        run.save()
    Registration.objects.update(opened_through=utc(3, 4))
    if dice.random() < 0.3:
        Registration.objects.filter(name=dice.choice(list(NIGHTLY)).name).update(opened_through=utc(2, 2, 15))


def test_the_same_runs_are_blocked(three_nights):
    for seed in range(40):
        shuffle(random.Random(seed))
        assert blocked_by_sets() == blocked_by_sql(), seed


def test_a_failed_child_holds_its_tenants_next_window_up(nightly):
    at(4)
    open_due()
    Run.objects.update(state="succeeded")
    parent = Run.objects.get(window__schedule="daily-parent", tenant__schema_name="acme")
    Run.objects.create(window=parent.window, tenant=parent.tenant, item="a", state="failed", reason="no till")
    at(4, day=2)
    open_due()
    assert blocked_by_sets() == blocked_by_sql() != set()


def test_dependents_are_those_that_wait_for_this_root_and_no_other(nightly):
    from monitoring.judging import Judgement

    at(4)
    open_due()
    fail("daily-first")
    fail("daily-parent")
    facts = reading.read()
    judged = Judgement(facts, NIGHTLY, clock.now())
    told = judged.told(10)
    behind = zip(told, judged.behind(told), strict=True)
    acme = {one.window.schedule: count for one, count in behind if facts.tenants[one.tenant] == "acme"}
    assert acme == {"daily-first": 2, "daily-parent": 0}
