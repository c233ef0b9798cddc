"""Whether a process lives and whether it can do its work: what restarts it, and what must not."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery import current_app
from django.test import Client, override_settings

from monitoring import health, heartbeat
from monitoring.steps import touch_with_children
from tests.processes import APP, Process, wait_until
from tests.stage import FAST


@pytest.fixture
def own_heartbeats(tmp_path):
    """Worker and beat of this test leave their heartbeats in a directory of their own."""
    with override_settings(MATINS_HEARTBEATS=str(tmp_path)):
        yield {**FAST, "MATINS_HEARTBEATS": str(tmp_path)}


@pytest.fixture
def healthy(process_env, own_heartbeats):
    """Return a function that asks as a health check does; it returns the exit code and what is said."""

    def ask(kind, within=60):
        command = [sys.executable, "manage.py", "healthy", kind, "--within", str(within)]
        env = {**process_env, **own_heartbeats}
        done = subprocess.run(command, check=False, cwd=APP, env=env, capture_output=True, text=True)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return ask


@pytest.fixture
def web(process_env):
    """A web process; returns a function that asks it and returns the status and the text."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = Process("uvicorn", "config.asgi:application", "--port", str(port), env=process_env)

    def ask(path):
        # As a load balancer does: by an address that no tenant has.
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": "10.0.0.7"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        except urllib.error.URLError:
            return None, ""

    try:
        wait_until(lambda: ask("/healthz")[0], what="the web process to answer", timeout_s=200)
        yield ask
    finally:
        process.clear()


def is_young(kind):
    age = heartbeat.age_s(kind)
    return age is not None and age < 3


def test_where_nothing_has_started_nothing_is_healthy(healthy, own_heartbeats):
    path = Path(own_heartbeats["MATINS_HEARTBEATS"]) / "beat"
    assert healthy("beat") == (1, f"There is no heartbeat at {path}: no beat has started here.\n")


def test_an_old_heartbeat_is_not_healthy(healthy):
    heartbeat.touch("worker")
    then = time.time() - 90
    os.utime(heartbeat.path_of("worker"), (then, then))
    code, said = healthy("worker")
    assert (code, said[:50]) == (1, "The worker of this machine gave its last heartbeat")
    assert healthy("worker", within=600)[0] == 0


@pytest.mark.parametrize("kind", ["worker", "beat"])
def test_a_frozen_process_stops_being_healthy_until_it_thaws(registered, start, healthy, own_heartbeats, kind):
    process = start(kind, env=own_heartbeats)
    wait_until(lambda: is_young(kind), what="a first heartbeat")
    assert healthy(kind)[0] == 0
    process.freeze()
    wait_until(lambda: healthy(kind, within=5)[0] == 1, what="the frozen process to be found out")
    process.thaw()
    wait_until(lambda: healthy(kind, within=5)[0] == 0, what="the thawed process to be healthy")


@pytest.mark.parametrize("kind", ["worker", "beat"])
def test_an_outage_of_broker_and_database_makes_nobody_unhealthy(registered, start, sandbox, own_heartbeats, kind):
    start(kind, env=own_heartbeats)
    wait_until(lambda: is_young(kind), what="a first heartbeat")
    sandbox.stop_broker()
    sandbox.stop_postgres()
    try:
        stopped = time.time()
        wait_until(lambda: _beaten_since(kind, stopped + 15), what="a heartbeat long into the outage")
    finally:
        sandbox.start_postgres()
        sandbox.start_broker()


def _beaten_since(kind, moment):
    return heartbeat.path_of(kind).stat().st_mtime > moment


def test_a_worker_that_starts_without_a_broker_lives(registered, start, sandbox, own_heartbeats):
    sandbox.stop_broker()
    try:
        start("worker", env=own_heartbeats, wait=False)
        wait_until(lambda: is_young("worker"), what="a heartbeat while the worker waits for its broker")
    finally:
        sandbox.start_broker()


def test_a_worker_without_a_living_child_is_not_healthy(own_heartbeats):
    def pool_of(*exitcodes):
        children = [SimpleNamespace(exitcode=code) for code in exitcodes]
        return SimpleNamespace(_pool=SimpleNamespace(_pool=children))

    touch_with_children(pool_of(1, 1))
    assert heartbeat.age_s("worker") is None
    touch_with_children(pool_of(1, None))
    assert is_young("worker")


def test_a_heartbeat_that_cannot_be_written_ends_nobody(tmp_path, caplog):
    (tmp_path / "file").touch()
    with override_settings(MATINS_HEARTBEATS=str(tmp_path / "file")):
        heartbeat.touch("beat")
    assert "Set MATINS_HEARTBEATS to a writable directory." in caplog.text


def test_web_lives_and_is_ready(night, web):
    assert web("/healthz") == (200, "alive\n")
    assert web("/readyz") == (200, "ready\n")


def test_web_without_its_broker_lives_and_is_not_ready(night, web, sandbox):
    sandbox.stop_broker()
    try:
        assert web("/healthz") == (200, "alive\n")
        assert web("/readyz") == (503, "away: broker\n")
    finally:
        sandbox.start_broker()


def test_web_without_its_database_lives_and_is_not_ready(night, web, sandbox):
    sandbox.stop_postgres()
    try:
        assert web("/healthz") == (200, "alive\n")
        assert web("/readyz") == (503, "away: database\n")
    finally:
        sandbox.start_postgres()


def test_however_many_ask_a_second_the_database_is_asked_once(night, monkeypatch):
    asked = []
    monkeypatch.setattr(health, "FRESH_S", 3600)
    monkeypatch.setattr(health, "_readiness", health._Readiness())
    monkeypatch.setattr(health, "away", lambda: asked.append("once") or ["database"])
    answers = [Client().get("/readyz") for _ in range(5)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(503, b"away: database\n")] * 5
    assert asked == ["once"]


def test_the_probes_are_answered_without_an_event_loop_too(night):
    assert Client().get("/readyz", headers={"host": "10.0.0.7"}).content == b"ready\n"


def test_a_broker_that_takes_connections_and_says_nothing_is_away(night):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        was = current_app.conf.broker_read_url, current_app.conf.broker_url
        current_app.conf.broker_read_url = current_app.conf.broker_url = f"redis://127.0.0.1:{mute.getsockname()[1]}/1"
        try:
            assert health.away() == ["broker"]
        finally:
            current_app.conf.broker_read_url, current_app.conf.broker_url = was
