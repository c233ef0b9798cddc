"""Real processes of the platform for the tests: started, killed, frozen, and read when a test fails."""

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

from django.conf import settings

APP = Path(__file__).resolve().parents[1] / "app"
# Read when Django is set up; processes of one nursery may differ in every other setting of ours.
READ_EARLY = ("MATINS_DB_ROLE", "MATINS_ENV", "MATINS_FILES", "MATINS_SANDBOX")
# Changes with every test.
PYTESTS_OWN = ("PYTEST_CURRENT_TEST",)


class Process:
    """One process in a session of its own, so that killing it kills its children too.

    Args:
        command: of `celery`, `manage.py` or `uvicorn`, word by word.
        env: its environment.
        log: the file of what it says, which is added to; without one, a temporary file.
    """

    def __init__(self, *command, env, log=None):
        self.log = log or Path(tempfile.mkstemp(prefix="matins-process-", suffix=".log")[1])
        self._code = Path(f"{self.log}.code")
        self.command = command
        own = {name: env[name] for name in env if name.startswith("MATINS_") and _is_read_late(name)}
        lasting = {name: value for name, value in env.items() if name not in own and name not in PYTESTS_OWN}
        self.pid = _nursery(frozenset(lasting.items())).fork(command, self.log, own)

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
        with suppress(AssertionError):
            self.terminate()
        self.clear()

    def terminate(self):
        """Ask it to end; return its exit code."""
        self.thaw()
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        return self.wait(timeout_s=10)

    def wait(self, timeout_s=60):
        """Wait until it has ended by itself; return its exit code, which is none for one that a signal ended."""
        wait_until(lambda: not self.is_alive, what="a process to end", timeout_s=timeout_s, process=self)
        return int(self._code.read_text()) if self._code.exists() else None

    def clear(self):
        """Kill it, and leave nothing of it but what it said."""
        self.kill()
        if self.log.exists():  # It may have been stopped, and cleared, by the test.
            print(f"--- {' '.join(self.command)}\n{self.log.read_text()[-6000:]}")  # Shown only when the test failed.
            self.log.unlink()
            self._code.unlink(missing_ok=True)

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

    def fork(self, command, log, own):
        order = {"command": command, "log": str(log), "env": own}
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


def _is_read_late(name):
    return hasattr(settings, name) and name not in READ_EARLY


@cache
def _nursery(env):
    return _Nursery(dict(env))


def worker(env, *options, concurrency=2, queues=None, wait=True):
    """Start a worker and wait until it takes tasks."""
    selected = ["-Q", queues] if queues else []
    process = celery("worker", "-c", str(concurrency), *selected, *options, env=env)
    if wait:
        wait_until_ready(process)
    return process


def wait_until_ready(process):
    """Wait until a worker takes tasks."""
    wait_until(lambda: process.said(" ready.") or not process.is_alive, what="a worker to start", process=process)
    assert process.said(" ready."), process.log.read_text()  # It may have been killed since, as was ordered.


def beat(env, *options):
    """Start a beat."""
    return celery("beat", *options, env=env)


def celery(command, *options, env):
    """Start one of Celery's commands."""
    return Process("celery", "-A", "config", command, "-l", "info", *options, env=env)


def manage(*command, env, log=None):
    """Start a management command; `wait` or `terminate` it for its exit code."""
    return Process("manage.py", *command, env=env, log=log)


def wait_until(condition, *, what, timeout_s=60, process=None, every_s=0.05):
    """Wait for a condition; where it never comes, say what was waited for and what the process said."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(every_s)
    said = process.log.read_text()[-5000:] if process else ""
    raise AssertionError(f"Waited {timeout_s} s in vain for {what}.\n{said}")
