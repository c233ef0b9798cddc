"""The broker holds wake-ups only: emptied, away, or repeating itself, it can cost seconds and nothing else."""

import time

import pytest
from django.conf import settings

from schedules import release
from schedules.models import Run
from schedules.opening import open_due
from tests.night import assert_like_an_undisturbed_night, broker_client, is_over, states, wait_for_night
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.stage import FAST, at

TENANTS = ("acme", "beta")


@pytest.fixture
def tenants(registered, make_tenant):
    for schema_name in TENANTS:
        make_tenant(schema_name)


def is_drained():
    """Whether no message is left, waiting or unacknowledged."""
    with broker_client() as broker:
        return not broker.exists(
            *settings.MATINS_QUEUES, *(key for keys in settings.MATINS_UNACKED_SETS for key in keys)
        )


def test_a_broker_flushed_at_every_stage_loses_nothing(tenants, start, sandbox):
    stages = [("first", "before-claim"), ("first", "end"), ("second", "committed"), ("parent", "committed")]
    stages += [("child-b", "start"), ("join", "held")]
    for number, (job, point) in enumerate(stages):
        orders.give("acme", job, point, f"once wait flushed-{number}")
    at(3)
    open_due()
    release.refill_all()
    sandbox.flush_broker()  # Published, and taken by nobody yet.
    start("beat", env=FAST)
    start("worker", env=FAST)
    waiting = dict(enumerate(stages))

    def flushed_everywhere():
        for number, stage in list(waiting.items()):
            if orders.reached("acme", *stage):
                sandbox.flush_broker()
                orders.say(f"flushed-{number}")
                del waiting[number]
        return not waiting and is_over(4)

    wait_until(flushed_everywhere, what="the night to pass every stage")
    assert_like_an_undisturbed_night(*TENANTS)


def test_a_broker_flushed_all_the_time_delays_the_night_only(tenants, start, sandbox):
    at(3)
    start("beat", env=FAST)
    start("worker", env=FAST)
    for _ in range(30):
        sandbox.flush_broker()
        time.sleep(0.1)
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night(*TENANTS)


def test_windows_due_while_the_broker_is_down_open_on_time_and_run_when_it_is_back(tenants, start, sandbox):
    beat = start("beat", env=FAST)
    worker = start("worker", env=FAST)
    sandbox.stop_broker()
    at(1)
    wait_until(lambda: states() == {"ready": 2}, what="the first window to open without a broker")
    at(2)
    wait_until(lambda: states() == {"ready": 2, "waiting": 2}, what="the second window to open without a broker")
    at(3)
    wait_until(lambda: Run.objects.count() == 8, what="the last windows to open without a broker")
    sandbox.start_broker()
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night(*TENANTS)
    assert beat.is_alive
    assert not beat.said("Traceback")
    assert beat.said("The broker is away")
    assert worker.is_alive


def test_a_broker_restarted_under_a_body_costs_its_messages_only(tenants, start, sandbox):
    orders.give("acme", "first", "end", "once wait restarted")
    at(3)
    start("beat", env=FAST)
    worker = start("worker", env=FAST)
    wait_until(lambda: orders.reached("acme", "first", "end"), what="a body to run")
    sandbox.restart_broker()
    orders.say("restarted")
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night(*TENANTS)
    assert worker.is_alive


def test_a_message_delivered_five_times_has_one_effect(tenants, start, sandbox):
    at(3)
    open_due()
    release.refill_all()
    with broker_client() as broker:
        for queue in ("money", "casework", "documents"):
            for message in broker.lrange(queue, 0, -1):
                broker.lpush(queue, *[message] * 4)
    start("beat", env=FAST)
    start("worker", env=FAST, concurrency=4)
    wait_for_night(windows=4)
    wait_until(is_drained, what="the repeated messages to be taken")
    assert_like_an_undisturbed_night(*TENANTS)


def test_a_night_without_a_result_backend_is_an_undisturbed_one(tenants, start):
    deaf = {**FAST, "REDIS_RESULT_URL": "redis://127.0.0.1:1/2"}
    at(3)
    start("beat", env=deaf)
    worker = start("worker", env=deaf)
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night(*TENANTS)
    assert not worker.said("Traceback")
