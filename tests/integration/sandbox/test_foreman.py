"""`make dev` and `make demo` as processes: what they print, what they return, and that they leave nothing behind."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from sandbox import root
from tests.processes import wait_until

APP = Path(__file__).resolve().parents[3] / "app"


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """The data of these sandboxes, one after the other; the name has a space."""
    path = tmp_path_factory.mktemp("sandbox") / "the data"
    yield path
    root.discard(path / "postgres")


@pytest.fixture
def terminal(sandbox, data_dir, tmp_path):
    """Return a function that types `python -m sandbox …` in a terminal which knows no server."""
    known = {*sandbox.env, "MATINS_DB_ROLE", "MATINS_ENV"}
    clean = {name: value for name, value in os.environ.items() if name not in known}

    def type_(*words, **env):
        command = [sys.executable, "-m", "sandbox", "--data", str(data_dir), *words]
        with (tmp_path / "output").open("w") as output:
            return subprocess.Popen(
                command,
                env={**clean, "PYTHONPATH": f"{APP}:{APP.parent}", **env},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    return type_


@pytest.fixture
def output(tmp_path):
    """Return a function that reads what the terminal shows."""
    return (tmp_path / "output").read_text


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_web_worker_and_beat_run_together_and_end_together(terminal, output, number):
    runner = terminal("dev")
    signs = ("Uvicorn running on", " ready.", "beat: Starting")
    wait_until(
        lambda: all(sign in output() for sign in signs) or runner.poll() is not None,
        what="web, worker and beat to be ready",
    )
    assert runner.poll() is None, output()
    [address] = re.findall(r"   web \| .*running on (\S+)", output())
    with urllib.request.urlopen(f"{address}/admin/login/") as page:
        assert page.status == 200
    assert re.search(r"^worker \| .* ready\.$", output(), re.MULTILINE)
    processes = psutil.Process(runner.pid).children(recursive=True)
    assert len(processes) > 10  # Web, worker and its children, beat, the keeper, Valkey, Postgres and its own.
    runner.send_signal(number)
    runner.wait()
    assert_all_end(processes)
