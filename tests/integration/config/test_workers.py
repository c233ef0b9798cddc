"""What the options do to real workers: who holds which message, and what becomes of it when a process dies."""

import json
import os
import signal
import socket
from contextlib import closing

import pytest
import redis
from kombu.exceptions import OperationalError

from config.celery import app
from tests import processes

STRAINS = "tests.integration.config.strains"


@pytest.fixture
def broker(sandbox, night):
    with redis.Redis.from_url(sandbox.env["REDIS_URL"], decode_responses=True) as client:
        yield client


@pytest.fixture
def results(sandbox, night):
    with redis.Redis.from_url(sandbox.env["REDIS_RESULT_URL"], decode_responses=True) as client:
        yield client


@pytest.fixture
def worker(process_env):
    """Return a function that starts a worker of some queues; all are gone after the test."""
    started = []

    def start(queues, **env):
        options = ("-n", f"{queues}@test", "-I", STRAINS, "--without-mingle", "--without-gossip")
        started.append(processes.worker({**process_env, **env}, *options, concurrency=1, queues=queues))
        return started[-1]

    yield start
    for process in started:
        process.clear()


def held(broker, key):
    """Return the queues of the messages that a worker has taken and not acknowledged."""
    return [json.loads(message)[2] for message in broker.hvals(key)]


def is_active():
    """Return whether some worker knows that a body of its has started."""
    # Waiting for answers would leave a pooled connection in the middle of a command, for whoever gets it next.
    with app.connection_for_read() as connection:
        return any((app.control.inspect(timeout=0.5, connection=connection).active() or {}).values())


def test_workers_of_two_queues_keep_their_messages_apart(broker, worker):
    worker("money")
    worker("casework")
    app.send_task(f"{STRAINS}.last", queue="money", ignore_result=True)
    app.send_task(f"{STRAINS}.last", queue="casework", ignore_result=True)
    processes.wait_until(
        lambda: held(broker, "unacked:money") == ["money"] and held(broker, "unacked:casework") == ["casework"],
        what="each worker to hold its message",
    )
    assert not broker.exists("unacked", "unacked_index")


def test_a_task_that_kills_its_process_is_started_once_and_dropped(broker, results, worker):
    worker("control")
    app.send_task(f"{STRAINS}.die", queue="control", ignore_result=True)
    processes.wait_until(lambda: results.get("deaths"), what="the task to start")
    processes.wait_until(lambda: not broker.exists("control", "unacked:control"), what="the message to be acknowledged")
    assert results.get("deaths") == "1"


def test_a_deploy_waits_a_while_for_the_body_and_then_gives_its_message_back(broker, worker):
    leaving = worker("money", REMAP_SIGTERM="SIGQUIT", CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT="1")
    app.send_task(f"{STRAINS}.last", queue="money", ignore_result=True)
    processes.wait_until(is_active, what="the body to start")
    assert held(broker, "unacked:money") == ["money"]
    os.kill(leaving.pid, signal.SIGTERM)
    processes.wait_until(lambda: not leaving.is_alive, what="the worker to end")
    assert (broker.llen("money"), broker.exists("unacked:money")) == (1, 0)


def test_a_worker_keeps_its_database_session_from_task_to_task(results, worker):
    worker("control")
    for _ in range(3):
        app.send_task(f"{STRAINS}.name_session", queue="control", ignore_result=True)
    processes.wait_until(lambda: results.llen("sessions") == 3, what="three tasks to run")
    assert len(set(results.lrange("sessions", 0, -1))) == 1


def test_a_message_goes_to_one_queue_only(broker):
    app.send_task(f"{STRAINS}.last", queue="documents", ignore_result=True)
    queues = ("control", "money", "casework", "documents")
    assert [broker.llen(queue) for queue in queues] == [0, 0, 0, 1]


def test_messages_can_be_published_in_batches(broker):
    with app.producer_pool.acquire() as producer:
        assert producer.supports_batch_publish


@pytest.mark.timeout(30)
def test_a_publisher_gives_up_on_a_broker_that_accepts_and_says_nothing():
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/1"
        with app.connection_for_write(url) as connection, pytest.raises(OperationalError, match="Timeout"):
            app.send_task(f"{STRAINS}.last", queue="control", ignore_result=True, connection=connection)
