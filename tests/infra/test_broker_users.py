"""The two users of the Redis DBs, on a real Valkey: what Celery needs they may, and nothing that ends or empties it."""

import os

import pytest
import redis
from celery import Celery

from infra.render.urls import ACCESS, BROKER_DB, BROKER_USER, RESULT_DB, RESULT_USER


@pytest.fixture
def server():
    """The tests' own Valkey, which has the deployment's users for a while."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        for user, access in ACCESS.items():
            client.execute_command("ACL", "SETUSER", user, "reset", *access.split(), ">password")
        yield client
        client.execute_command("ACL", "DELUSER", *ACCESS)


@pytest.fixture
def urls(server):
    at = server.connection_pool.connection_kwargs
    address = f"{at['host']}:{at['port']}"
    return {
        BROKER_USER: f"redis://{BROKER_USER}:password@{address}/{BROKER_DB}",
        RESULT_USER: f"redis://{RESULT_USER}:password@{address}/{RESULT_DB}",
    }


@pytest.fixture
def app(urls):
    with Celery("users", broker=urls[BROKER_USER], backend=urls[RESULT_USER], set_as_current=False) as celery:
        celery.conf.update(task_default_queue="acl-probe", accept_content=["json"])
        yield celery


def test_a_message_is_published_taken_and_acknowledged_and_its_priority_kept(app):
    with app.connection_for_write() as connection:
        queue = connection.SimpleQueue("acl-probe")
        queue.put({"n": 1}, priority=3)
        message = queue.get(timeout=5)
        assert message.payload == {"n": 1}
        message.ack()
        assert queue.clear() == 0
        queue.close()


@pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")  # Celery's.
def test_a_result_is_stored_read_and_forgotten(app):
    app.backend.store_result("acl-probe", {"done": 1}, "SUCCESS")
    assert app.backend.get_result("acl-probe") == {"done": 1}
    app.backend.forget("acl-probe")
    assert app.backend.get_state("acl-probe") == "PENDING"


def test_workers_can_be_asked_who_they_are(app):
    assert app.control.ping(timeout=0.2) == []


def test_the_system_checks_can_read_whether_messages_may_be_evicted(urls):
    with redis.Redis.from_url(urls[BROKER_USER]) as client:
        assert client.info("memory")["maxmemory_policy"] == "noeviction"


@pytest.mark.parametrize("user", ACCESS)
@pytest.mark.parametrize("command", ["FLUSHALL", "FLUSHDB", "SHUTDOWN", "CONFIG GET maxmemory", "KEYS *", "ACL LIST"])
def test_neither_may_empty_stop_or_reconfigure_the_server(urls, user, command):
    with redis.Redis.from_url(urls[user]) as client, pytest.raises(redis.exceptions.NoPermissionError):
        client.execute_command(*command.split())


def test_who_holds_the_results_cannot_touch_messages(urls):
    with redis.Redis.from_url(urls[RESULT_USER], db=BROKER_DB) as client:
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.lpush("money", "forged")
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.delete("unacked")
