"""What stands in the queues, as the broker and the ledger know it, and what is still known without the broker."""

import time

import pytest

from monitoring import queues
from schedules import sql
from schedules.opening import open_due
from tests.night import broker_client
from tests.nightjobs import orders, tasks
from tests.processes import wait_until
from tests.stage import FAST, at


def reading(queue):
    [one] = [one for one in queues.readings() if one.queue == queue]
    return one


def published_ago(seconds):
    """Let the ready runs have been published so long ago."""
    sql.execute(
        """UPDATE public.schedules_run SET published_at = clock_timestamp() - %(ago)s * interval '1 second'
           WHERE state = 'ready'""",
        {"ago": seconds},
    )


def test_empty_queues_are_read_as_zeros(registered):
    found = [(one.queue, one.messages, one.unacked, one.oldest_s) for one in queues.readings()]
    assert found == [(name, 0, 0, 0.0) for name in ("control", "money", "casework", "documents")]


@pytest.mark.parametrize("priorities", [(0,), (0, 3, 9)])
def test_messages_of_every_priority_are_counted(registered, priorities):
    for priority in priorities:
        tasks.note.apply_async(["acme", "x"], queue="money", priority=priority, ignore_result=True)
    assert reading("money").messages == len(priorities)
    assert reading("casework").messages == 0


def test_a_message_is_unacked_for_as_long_as_its_body_runs(nightly, start):
    orders.give("acme", "first", "start", "once wait go")
    at(1)
    open_due()
    start("worker", env=FAST, queues="money")
    wait_until(lambda: orders.reached("acme", "first", "start"), what="the body to start")
    wait_until(lambda: (reading("money").messages, reading("money").unacked) == (0, 1), what="one message in hand")
    orders.say("go")
    wait_until(lambda: reading("money").unacked == 0, what="it to be acknowledged")


def test_one_that_a_dead_worker_took_long_ago_is_still_unacked(registered):
    tasks.note.apply_async(["acme", "x"], queue="money", ignore_result=True)
    with broker_client() as client:
        message = client.rpop("money")
        client.hset("unacked:money", "tag", f'[{message}, "", "money"]')
        client.zadd("unacked_index:money", {"tag": time.time() - 3000})
    assert (reading("money").messages, reading("money").unacked) == (0, 1)


def test_the_oldest_work_is_the_run_published_first_and_not_started(nightly):
    at(1)
    open_due()
    published_ago(90)
    assert 90 <= reading("money").oldest_s < 3600
    assert reading("casework").oldest_s == 0


def test_a_run_that_nobody_has_published_is_no_work_for_a_worker(nightly):
    at(1)
    open_due()
    sql.execute("UPDATE public.schedules_run SET published_at = NULL")
    assert reading("money").oldest_s == 0


def test_without_its_broker_the_ledger_still_knows_the_oldest_work(nightly, sandbox, caplog):
    at(1)
    open_due()
    published_ago(90)
    sandbox.stop_broker()
    try:
        found = reading("money")
    finally:
        sandbox.start_broker()
    assert (found.messages, found.unacked) == (None, None)
    assert found.oldest_s >= 90
    assert "The broker is away" in caplog.text
