"""Real worker and beat processes for the tests: started, killed, frozen, and read when a test fails."""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

APP = Path(__file__).resolve().parents[1] / "app"
# Settings that are read when they are used: processes of one nursery may differ in them.
OWN_SETTINGS = ("MATINS_CATALOG", "MATINS_CLOCK_FILE")
# Changes with every test.
PYTESTS_OWN = ("PYTEST_CURRENT_TEST",)


class Process:
    """One `celery -A config …` process in a session of its own, so that killing it kills its children too."""

    def __init__(self, *arguments, env):
        self.log = Path(tempfile.mkstemp(prefix="matins-process-", suffix=".log")[1])
        self.arguments = arguments
        own = {name: env[name] for name in OWN_SETTINGS if name in env}
        lasting = {name: value for name, value in env.items() if name not in OWN_SETTINGS and name not in PYTESTS_OWN}
        self.pid = _nursery(frozenset(lasting.items())).fork(arguments, self.log, own)

    def kill(self):
        """SIGKILL the process and its children."""
        self._signal(signal.SIGKILL)
        wait_until(lambda: not self.is_alive, what="a killed process to be gone")

    def freeze(self):
        self._signal(signal.SIGSTOP)

    def thaw(self):
        self._signal(signal.SIGCONT)

    def stop(self):
        """Ask it to end, and make it."""
        self.thaw()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        with suppress(AssertionError):
            wait_until(lambda: not self.is_alive, what="a process to end", timeout_s=10)
        self.clear()

    def clear(self):
        """Kill it, and leave nothing of it but what it said."""
        self.kill()
        print(f"--- {' '.join(self.arguments)}\n{self.log.read_text()[-6000:]}")  # Shown only when the test failed.
        self.log.unlink(missing_ok=True)

    def said(self, text):
        return text in self.log.read_text()

    @property
    def is_alive(self):
        """Whether the process itself lives; a killed one has been reaped by the nursery."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _signal(self, number):
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class _Nursery:
    """The process that forks the others; see `tests.nursery`."""

    def __init__(self, env):
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"],
            cwd=APP,
            env={**env, "PYTHONPATH": f"{APP}:{APP.parent}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        atexit.register(self._close)
        self._read("ready")

    def fork(self, arguments, log, settings):
        order = {"arguments": arguments, "log": str(log), "settings": settings}
        self._popen.stdin.write(json.dumps(order) + "\n")
        self._popen.stdin.flush()
        return int(self._read())

    def _read(self, expected=None):
        line = self._popen.stdout.readline().strip()
        assert line, "The nursery ended."
        assert expected is None or line == expected, line
        return line

    def _close(self):
        self._popen.communicate()


@cache
def _nursery(env):
    return _Nursery(dict(env))


def worker(env, *options, concurrency=2, queues=None, wait=True):
    """Start a worker and wait until it takes tasks."""
    selected = ["-Q", queues] if queues else []
    process = Process("worker", "-l", "info", "-c", str(concurrency), *selected, *options, env=env)
    if wait:
        wait_until_ready(process)
    return process


def wait_until_ready(process):
    """Wait until a worker takes tasks."""
    wait_until(lambda: process.said(" ready.") or not process.is_alive, what="a worker to start", process=process)
    assert process.said(" ready."), process.log.read_text()  # It may have been killed since, as was ordered.


def beat(env, *options):
    """Start a beat."""
    return Process("beat", "-l", "info", *options, env=env)


def wait_until(condition, *, what, timeout_s=60, process=None):
    """Wait for a condition; where it never comes, say what was waited for and what the process said."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    said = process.log.read_text()[-5000:] if process else ""
    raise AssertionError(f"Waited {timeout_s} s in vain for {what}.\n{said}")
