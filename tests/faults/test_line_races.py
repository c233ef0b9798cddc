"""Whoever finishes while somebody else looks: no dependent starts too early, and none is left waiting."""

import pytest

from schedules.models import Run
from schedules.opening import open_due
from tests.night import effects, states, wait_for_night
from tests.nightjobs import orders
from tests.nightjobs.catalog import RACE
from tests.processes import wait_until
from tests.stage import FAST, at

RACING = {**FAST, "MATINS_CATALOG": "tests.nightjobs.catalog.RACE"}


@pytest.fixture
def race(deployed):
    """A night in which one schedule comes after two others."""
    deployed(RACE)


def test_two_upstreams_committing_at_the_same_instant_release_their_dependent(race, make_tenant, start):
    make_tenant("acme")
    for job in ("left", "right"):
        orders.give("acme", job, "before-commit", "meet 2")
        orders.give("acme", job, "committed", "meet 4")
    at(1, 5)
    open_due()
    start("worker", env=RACING)  # No beat: nothing but the upstreams themselves can release it.
    wait_until(lambda: states() == {"succeeded": 3}, what="the dependent to run")
    assert [row.schedule for row in effects("acme")][2:] == ["daily-both"]


def test_an_upstream_finishing_while_its_dependent_is_expanded_is_noticed(race, make_tenant, start):
    make_tenant("acme")
    orders.give("acme", "left", "end", "wait finish")
    at(1)
    start("beat", env=RACING)
    start("worker", env=RACING)
    wait_until(lambda: orders.reached("acme", "left", "end"), what="the upstream to run")
    orders.give("beat", "open", "expanded", "once wait commit")
    at(1, 5)
    wait_until(lambda: orders.reached("beat", "open", "expanded"), what="the dependent to be expanded")
    orders.say("finish")
    wait_until(lambda: states() == {"succeeded": 2}, what="the upstreams to finish before the expand commits")
    orders.say("commit")
    wait_for_night(windows=3)
    assert states() == {"succeeded": 3}


def test_a_dependent_woken_too_early_waits_for_its_line(race, make_tenant, start):
    make_tenant("acme")
    orders.give("acme", "left", "end", "wait finish")
    at(1, 5)
    open_due()
    Run.objects.filter(window__schedule="daily-both").update(state="ready")  # As a stale release would leave it.
    start("beat", env=RACING)
    start("worker", env=RACING)
    wait_until(lambda: orders.reached("acme", "left", "end"), what="the upstream to run")
    wait_until(
        lambda: Run.objects.filter(window__schedule="daily-both", state="waiting", attempt=0).exists(),
        what="the dependent's claim to be refused",
    )
    orders.say("finish")
    wait_for_night(windows=3)
    assert [row.schedule for row in effects("acme")][2:] == ["daily-both"]
