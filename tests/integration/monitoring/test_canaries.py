"""Canaries: one a period and queue, through broker, worker and database, and in nobody's way."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import override_settings

from monitoring import canaries
from monitoring.models import Canary
from schedules import broker
from schedules.reconcile import forget_lost_messages
from schedules.release import refill_all
from schedules.tasks import relay_outbox
from tests.integration.common.calling import elsewhere
from tests.night import broker_client
from tests.nightjobs import tasks
from tests.processes import wait_until
from tests.stage import FAST

QUEUES = ["casework", "control", "documents", "money"]
OFTEN = {**FAST, "MATINS_CANARY_S": "0.2"}


@pytest.fixture
def due(registered):
    """A canary is due whenever one is asked for."""
    with override_settings(MATINS_CANARY_S=0):
        yield


def alive():
    """Return the queues that have given a life sign."""
    return [sign.queue for sign in canaries.life_signs()]


def waiting(queue):
    with broker_client() as client:
        return client.llen(f"{queue}.canary")


def test_a_worker_answers_for_its_own_queues_only(due, start):
    start("worker", queues="money,casework")
    assert sorted(canaries.send()) == QUEUES
    wait_until(lambda: alive() == ["casework", "money"], what="two canaries to come through")
    assert (waiting("control"), waiting("documents")) == (1, 1)


def test_a_worker_that_leaves_a_queue_out_leaves_its_canary_out(due, start):
    start("worker", "-X", "money")
    canaries.send()
    wait_until(lambda: alive() == ["casework", "control", "documents"], what="three canaries to come through")
    assert waiting("money") == 1


def test_beat_sends_them_to_every_queue_again_and_again(registered, start):
    start("worker")
    start("beat", env=OFTEN)
    wait_until(lambda: alive() == QUEUES, what="a life sign of every queue")
    first = {sign.queue: sign.done_at for sign in canaries.life_signs()}
    wait_until(
        lambda: all(sign.done_at > first[sign.queue] for sign in canaries.life_signs()), what="a second life sign"
    )


def test_of_many_beats_one_sends_in_a_period(registered):
    assert sorted(canaries.send()) == QUEUES
    assert canaries.send() == []
    assert waiting("money") == 1


def test_in_a_stalled_queue_one_waits_however_long_and_comes_through_when_it_moves(due, start):
    for _ in range(5):
        canaries.send()
    assert [waiting(queue) for queue in QUEUES] == [1, 1, 1, 1]
    asked_last = Canary.objects.get(queue="money").asked_at
    start("worker", queues="money")
    wait_until(lambda: alive() == ["money"], what="the canary to come through")
    [sign] = canaries.life_signs()
    assert sign.round_trip_s > (sign.done_at - asked_last).total_seconds()  # It counts from the first one.


def test_a_lost_canary_is_followed_by_another(due, sandbox):
    canaries.send()
    sandbox.flush_broker()
    assert sorted(canaries.send()) == QUEUES


def test_it_does_not_wait_behind_the_work(due, start):
    for number in range(3000):
        tasks.note.apply_async(["acme", str(number)], queue="money", ignore_result=True)
    canaries.send()
    start("worker", queues="money", concurrency=1)
    wait_until(lambda: alive() == ["money"], what="the canary to come through")
    assert broker.depths()["money"] > 2000


def test_one_that_waits_stands_for_no_message_of_a_run(due, nightly, sandbox):
    from schedules.models import Run
    from schedules.opening import open_due
    from tests.stage import at

    at(1)
    open_due()
    sandbox.flush_broker()
    Run.objects.update(published_at=datetime(2024, 1, 1, tzinfo=UTC))
    canaries.send()
    assert broker.depths() == {}
    assert forget_lost_messages() == 2
    assert refill_all() == 2


def test_one_that_is_being_done_stands_for_no_message_of_a_run(due, start):
    canaries.send()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; SELECT FROM monitoring_canary FOR UPDATE")
        start("worker", queues="money")
        wait_until(lambda: waiting("money") == 0, what="the canary to be taken")
        assert broker.depths()["money"] == 0
        cursor.execute("ROLLBACK")
    wait_until(lambda: alive() == ["money"], what="the canary to come through")


def test_a_worker_whose_session_was_ended_answers_at_once(due, start):
    start("worker", queues="money", concurrency=1)
    canaries.send()
    wait_until(lambda: alive() == ["money"], what="a first life sign")
    the_workers = "usename = current_user AND pid <> pg_backend_pid()"
    ended = elsewhere(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {the_workers}", role="app")
    assert (True,) in ended
    first = canaries.life_signs()[0].done_at
    canaries.send()
    wait_until(lambda: canaries.life_signs()[0].done_at > first, what="a second life sign")


def test_the_relay_works_on_where_its_session_was_ended(registered):
    relay_outbox.run()
    elsewhere(f"SELECT pg_terminate_backend({connection.connection.info.backend_pid}, 5000)")
    assert relay_outbox.run() == 0
