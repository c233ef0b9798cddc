"""Tenants that come, pause and return while a night runs take part in whole windows or not at all."""

from datetime import date

import pytest

from schedules.models import Run
from tenants.services import onboard, resume, suspend
from tests.night import assert_effects_once_and_in_order, assert_like_an_undisturbed_night, effects, wait_for_night
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.stage import FAST, at

SUSPENDED = ("skipped", "tenant suspended")


@pytest.fixture
def night_until_second(registered, make_tenant, start):
    """Two tenants; the first books job of acme waits in its body, so that the second waits for it."""
    make_tenant("acme")
    make_tenant("beta")
    orders.give("acme", "first", "end", "once wait go on")
    start("beat", env=FAST)
    start("worker", env=FAST)
    at(2)
    wait_until(lambda: orders.reached("acme", "first", "end"), what="acme's first job to run")
    wait_until(lambda: Run.objects.count() == 4, what="the second window to open")


def endings(tenant):
    """Return how a tenant's own runs ended, by schedule."""
    runs = Run.objects.filter(tenant__schema_name=tenant, item="")
    return {
        schedule: (state, reason) for schedule, state, reason in runs.values_list("window__schedule", "state", "reason")
    }


def test_a_tenant_onboarded_in_the_night_takes_part_from_the_next_one(registered, make_tenant, start):
    make_tenant("acme")
    start("beat", env=FAST)
    start("worker", env=FAST)
    at(2, 15)
    wait_for_night(windows=2)
    onboard(schema_name="late", name="Late")
    at(3, day=2)
    wait_for_night(windows=8)
    assert Run.objects.filter(tenant__schema_name="late", window__business_date=date(2024, 7, 1)).count() == 0
    assert_effects_once_and_in_order("acme", [date(2024, 7, 1), date(2024, 7, 2)])
    assert_effects_once_and_in_order("late", [date(2024, 7, 2)])


def test_a_suspended_tenants_running_body_ends_and_the_rest_of_its_night_is_skipped(night_until_second):
    suspend(schema_name="acme")
    assert endings("acme")["daily-second"] == SUSPENDED
    orders.say("go on")
    at(3)
    wait_for_night(windows=4)
    assert endings("acme") == {
        "daily-first": ("succeeded", ""),
        "daily-second": SUSPENDED,
        "daily-third": SUSPENDED,
        "daily-parent": SUSPENDED,
    }
    assert [row.schedule for row in effects("acme")] == ["daily-first"]
    assert_effects_once_and_in_order("beta", [date(2024, 7, 1)])


def test_a_resumed_tenant_goes_on_with_the_next_window(night_until_second):
    suspend(schema_name="acme")
    orders.say("go on")
    resume(schema_name="acme")
    at(3)
    wait_for_night(windows=4)
    assert endings("acme") == {
        "daily-first": ("succeeded", ""),
        "daily-second": SUSPENDED,
        "daily-third": ("succeeded", ""),
        "daily-parent": ("succeeded", ""),
    }


def test_a_tenant_resumed_with_catch_up_has_an_undisturbed_night(night_until_second):
    suspend(schema_name="acme")
    orders.say("go on")
    at(3)
    wait_for_night(windows=4)
    resume(schema_name="acme", catch_up=True)
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night("acme", "beta")


def test_a_tenant_suspended_between_claim_and_body_does_not_start(registered, make_tenant, start):
    make_tenant("acme")
    orders.give("acme", "first", "claimed", "once wait go on")
    start("beat", env=FAST)
    start("worker", env=FAST)
    at(1)
    wait_until(lambda: orders.reached("acme", "first", "claimed"), what="the claim")
    suspend(schema_name="acme")
    orders.say("go on")
    wait_for_night(windows=1)
    assert endings("acme") == {"daily-first": SUSPENDED}
    assert effects("acme") == []
    resume(schema_name="acme", catch_up=True)
    at(3)
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night("acme")
