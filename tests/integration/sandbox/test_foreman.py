"""`make dev` and `make demo` as processes: what they print, what they return, and that they leave nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psutil
import pytest

from sandbox import foreman, root, watchers
from tests.processes import wait_until

APP = Path(__file__).resolve().parents[3] / "app"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """The data of these sandboxes, one after the other; the name has a space."""
    path = tmp_path_factory.mktemp("sandbox") / "the data"
    yield path
    root.discard(path / "postgres")


class Terminal:
    """Where `python -m sandbox …` is typed; it knows no server."""

    def __init__(self, sandbox, data_dir, path):
        known = {*sandbox.env, "MATINS_DB_ROLE", "MATINS_ENV"}
        self._env = {name: value for name, value in os.environ.items() if name not in known}
        self._data_dir, self._output, self._started = data_dir, path / "output", []

    def __call__(self, *words, **env):
        command = [sys.executable, "-m", "sandbox", "--data", str(self._data_dir), *words]
        env = {**self._env, "PYTHONPATH": f"{APP}:{APP.parent}", **env}
        with self._output.open("w") as output:
            runner = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
        self._started.append(runner)
        return runner

    def output(self):
        """Return what it shows."""
        return self._output.read_text()

    def close(self):
        for runner in self._started:
            runner.terminate()
            runner.wait()


@pytest.fixture
def terminal(sandbox, data_dir, tmp_path):
    """A terminal that is closed after the test."""
    with closing(Terminal(sandbox, data_dir, tmp_path)) as opened:
        yield opened


@pytest.fixture
def output(terminal):
    """Return a function that reads what the terminal shows."""
    return terminal.output


def python(code):
    return [sys.executable, "-c", code]


def assert_all_end(processes):
    _, alive = psutil.wait_procs(processes, timeout=60)
    assert [process.cmdline() for process in alive] == []


def test_a_command_runs_on_the_servers_and_its_exit_code_is_returned(terminal, output):
    code = "import os, sys, psycopg; psycopg.connect(os.environ['DATABASE_URL']); print('connected'); sys.exit(7)"
    assert terminal("run", "--", *python(code)).wait() == 7
    assert output() == "connected\n"


def test_given_servers_are_used_as_they_are(terminal, output):
    code = "import os; print(os.environ['DATABASE_URL'], 'MATINS_SANDBOX' in os.environ)"
    given = {"DATABASE_URL": "postgresql://elsewhere/matins", "REDIS_URL": "redis://elsewhere/1"}
    assert terminal("run", "--", *python(code), **given).wait() == 0
    assert output() == "postgresql://elsewhere/matins False\n"


def test_a_database_without_a_broker_is_refused(terminal, output):
    assert terminal("run", "--", "true", DATABASE_URL="postgresql://elsewhere/matins").wait() == 1
    assert output() == "DATABASE_URL is set; set both of DATABASE_URL and REDIS_URL, or neither to use the sandbox.\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 5), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_ended_runner_leaves_nothing_of_its_command(terminal, output, number, code):
    command = """
import signal, subprocess, sys
child = subprocess.Popen(["sleep", "600"], process_group=0)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
print("ready", flush=True)
signal.pause()
"""
    runner = terminal("run", "--", *python(command))
    wait_until(lambda: "ready" in output(), what="the command to run")
    processes = psutil.Process(runner.pid).children(recursive=True)
    assert "sleep" in [process.name() for process in processes]
    runner.send_signal(number)
    assert runner.wait() == code
    assert_all_end(processes)


def shown(output):
    """Return the addresses that `make dev` shows, by what is served there."""
    return dict(re.findall(r"^ *(\w+) : (http://\S+)$", output(), re.MULTILINE))


def answer(address):
    """Return what is served at an address, or nothing while nothing is."""
    try:
        with urllib.request.urlopen(address, timeout=5) as page:
            return page.read().decode()
    except OSError:
        return ""


@pytest.fixture(scope="module")
def dev(sandbox, data_dir, tmp_path_factory):
    """A terminal in which `make dev` runs, and its process; the last of the tests ends it."""
    with closing(Terminal(sandbox, data_dir, tmp_path_factory.mktemp("dev"))) as terminal:
        runner = terminal("dev")
        signs = ("Uvicorn running on", " ready.", "beat: Starting", "Serving http://")
        wait_until(
            lambda: all(sign in terminal.output() for sign in signs) or runner.poll() is not None,
            what="web, worker, beat and monitor to be ready",
            timeout_s=240,
        )
        assert runner.poll() is None, terminal.output()
        yield terminal.output, runner


def test_all_that_makes_the_night_runs_together(dev):
    output, _ = dev
    assert re.search(r"^ +worker \| .* ready\.$", output(), re.MULTILINE)
    addresses = shown(output)
    assert "Matins" in answer(addresses["web"]) or "Django" in answer(addresses["web"])
    assert "matins_build_info" in answer(addresses["worker"])
    assert "matins_scan_timestamp_seconds" in answer(addresses["monitor"])


def test_the_sign_in_that_is_printed_opens_the_board(dev):
    output, _ = dev
    board = shown(output)["web"]
    ((name, password),) = re.findall(r"sign in at /night/ as (\S+), password (\S+)", output())
    visitor = build_opener(HTTPCookieProcessor())
    with visitor.open(board, timeout=60) as page:
        form = {"csrfmiddlewaretoken": re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[0]}
        address = page.url
    with visitor.open(
        address, urlencode({**form, "username": name, "password": password}).encode(), timeout=60
    ) as page:
        assert (page.url, "dev, administrator" in page.read().decode()) == (board, True)


@pytest.mark.skipif(len(watchers.installed()) < 2, reason="needs prometheus, prometheus-alertmanager")
def test_prometheus_and_alertmanager_watch_what_runs(dev):
    output, _ = dev
    prometheus = shown(output)["prometheus"]

    def up():
        """Return the jobs whose targets Prometheus has reached."""
        found = answer(f"{prometheus}api/v1/query?query=up==1")
        return {one["metric"]["job"] for one in json.loads(found)["data"]["result"]} if found else set()

    def told():
        """Return whom Prometheus tells of alerts."""
        found = json.loads(answer(f"{prometheus}api/v1/alertmanagers"))["data"]
        return [one["url"] for one in found["activeAlertmanagers"]]

    jobs = {"matins-monitor", "matins-worker", "alertmanager"}
    wait_until(lambda: up() == jobs, what="every target to be up", timeout_s=240)
    rules = json.loads(answer(f"{prometheus}api/v1/rules"))["data"]["groups"]
    assert sum(len(group["rules"]) for group in rules) > 20
    address = shown(output)["alertmanager"].replace("localhost", "127.0.0.1")
    wait_until(lambda: told() == [f"{address}api/v2/alerts"], what="Prometheus to find Alertmanager")


def test_all_that_makes_the_night_ends_together(dev):
    _, runner = dev
    processes = psutil.Process(runner.pid).children(recursive=True)
    assert len(processes) > 10  # Web, worker and its children, beat, the keeper, Valkey, Postgres and its own.
    runner.send_signal(signal.SIGINT)
    assert runner.wait() == 0
    assert_all_end(processes)


def test_of_a_night_whose_runner_is_killed_nothing_is_left(terminal, output):
    runner = terminal("dev")
    wait_until(lambda: " | " in output() or runner.poll() is not None, what="a part to say something", timeout_s=240)
    processes = psutil.Process(runner.pid).children(recursive=True)
    assert len(processes) > 10
    runner.kill()
    runner.wait()
    assert_all_end(processes)


def test_a_port_is_the_variables_or_the_usual_one_or_a_free_one(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other, socket.create_server(("127.0.0.1", 0)) as free:
        taken, usual = other.getsockname()[1], free.getsockname()[1]
        free.close()
        monkeypatch.setattr(foreman, "PORTS", {"web": ("A", taken), "monitor": ("B", usual), "worker": ("C", 1)})
        monkeypatch.setenv("C", "1234")
        ports = foreman.choose_ports()
    assert (ports["monitor"], ports["worker"]) == (usual, 1234)
    assert ports["web"] not in {taken, usual, 1234}
