"""Beats come, go, freeze, fail and disagree about the time: every window opens once."""

import os
from pathlib import Path

import pytest
from django.conf import settings

from schedules.models import Window
from tests.night import assert_like_an_undisturbed_night, wait_for_night
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.servers import end_sessions
from tests.stage import FAST, at

TENANTS = ("acme", "beta")


@pytest.fixture
def tenants(registered, make_tenant):
    for schema_name in TENANTS:
        make_tenant(schema_name)


@pytest.mark.parametrize("place", [("open", "looking"), ("open", "expanded"), ("open", "committed")])
def test_a_beat_killed_while_it_opens_leaves_the_rest_to_the_next_one(tenants, start, place):
    orders.give("beat", *place, "once kill")
    at(3)
    start("worker", env=FAST)
    killed = start("beat", env=FAST)
    wait_until(lambda: not killed.is_alive, what="the beat to be killed")
    start("beat", env=FAST)
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night(*TENANTS)


def test_a_night_without_a_beat_is_opened_by_the_next_one(tenants, start):
    start("worker", env=FAST)
    first = start("beat", env=FAST)
    at(1)
    wait_for_night(windows=1)
    first.kill()
    at(0, 30, day=3)
    start("beat", env=FAST)
    wait_for_night(windows=8)
    assert_like_an_undisturbed_night(*TENANTS, nights=2)


def test_a_beat_embedded_in_a_worker_opens_the_night_and_survives_its_exceptions(tenants, start):
    orders.give("beat", "open", "looking", "once raise a bug in the tick")
    at(3)
    worker = start("worker", "-B", env=FAST)
    wait_for_night(windows=4)
    assert worker.said("RuntimeError: a bug in the tick")
    assert_like_an_undisturbed_night(*TENANTS)


def test_three_beats_at_once_open_each_window_once(tenants, start):
    for _ in range(3):
        start("beat", env=FAST)
    start("worker", env=FAST)
    for hour, minute in ((1, 0), (2, 0), (2, 30), (3, 0)):
        at(hour, minute)
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night(*TENANTS)


def test_a_beat_frozen_with_the_opening_lock_holds_the_others_up_for_seconds(tenants, start):
    beats = [start("beat", env=FAST) for _ in range(3)]
    start("worker", env=FAST)
    orders.give("beat", "open", "expanded", "once freeze")
    at(3)
    wait_until(lambda: orders.reached("beat", "open", "expanded"), what="a beat to freeze inside its transaction")
    assert not Window.objects.exists()
    wait_for_night(windows=4, timeout_s=30)
    for beat in beats:
        beat.thaw()
    at(3, day=2)
    wait_for_night(windows=8)
    assert_like_an_undisturbed_night(*TENANTS, nights=2)
    assert all(beat.is_alive for beat in beats)


def test_a_beat_that_lost_its_session_once_is_bounded_again_when_it_freezes(tenants, start):
    beats = [start("beat", env=FAST) for _ in range(2)]
    start("worker", env=FAST)
    at(1)
    wait_for_night(windows=1)
    assert end_sessions(state="idle") >= 2
    orders.give("beat", "open", "expanded", "once freeze")
    at(3)
    wait_for_night(windows=4, timeout_s=30)
    assert_like_an_undisturbed_night(*TENANTS)
    assert all(beat.is_alive for beat in beats)


@pytest.mark.parametrize("place", [("open", "looking"), ("open", "committed"), ("reconcile", "start")])
def test_an_exception_in_a_tick_does_not_end_the_beat(tenants, start, place):
    orders.give("beat", *place, "raise a bug in the tick")
    at(3)
    beat = start("beat", env=FAST)
    start("worker", env=FAST)
    wait_until(lambda: beat.log.read_text().count("RuntimeError: a bug in the tick") >= 3, what="three failed ticks")
    assert beat.is_alive
    orders.forget()
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night(*TENANTS)


def test_beats_two_seconds_apart_open_each_window_once(tenants, start, tmp_path):
    own_clock = tmp_path / "clock"
    own_clock.touch()
    start("worker", env=FAST)
    start("beat", env=FAST)
    off = None
    dues = ((1, 0, 2), (2, 0, -2), (2, 30, 2), (3, 0, -2))
    for windows, (hour, minute, ahead_s) in enumerate(dues, start=1):
        at(hour, minute, seconds=-1)
        offset_s = float(Path(settings.MATINS_CLOCK_FILE).read_text())
        own_clock.write_text(repr(offset_s + ahead_s))
        off = off or start("beat", env={**FAST, "MATINS_CLOCK_FILE": os.fspath(own_clock)})
        wait_for_night(windows=windows)
    assert off.is_alive
    assert_like_an_undisturbed_night(*TENANTS)
