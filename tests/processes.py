"""Real worker and beat processes for the tests: started, killed, frozen, and read when a test fails."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

APP = Path(__file__).resolve().parents[1] / "app"


class Process:
    """One `celery -A config …` process in a session of its own, so that killing it kills its children too."""

    def __init__(self, *arguments, env):
        self.log = Path(tempfile.mkstemp(prefix="matins-process-", suffix=".log")[1])
        self.arguments = arguments
        with self.log.open("w") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", *arguments],
                cwd=APP,
                env={**env, "PYTHONPATH": f"{APP}:{APP.parent}"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self):
        """SIGKILL the process and its children."""
        self._signal(signal.SIGKILL)
        self.popen.wait()

    def freeze(self):
        self._signal(signal.SIGSTOP)

    def thaw(self):
        self._signal(signal.SIGCONT)

    def stop(self):
        """Ask it to end, and make it."""
        if self.popen.poll() is None:
            self.thaw()
            self.popen.terminate()
            try:
                self.popen.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        print(f"--- {' '.join(self.arguments)}\n{self.log.read_text()[-6000:]}")  # Shown only when the test failed.
        self.log.unlink(missing_ok=True)

    def said(self, text):
        return text in self.log.read_text()

    @property
    def is_alive(self):
        return self.popen.poll() is None

    def _signal(self, number):
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            pass


def worker(env, *options, concurrency=2, queues=None):
    """Start a worker and wait until it takes tasks."""
    selected = ["-Q", queues] if queues else []
    process = Process("worker", "-l", "info", "-c", str(concurrency), *selected, *options, env=env)
    wait_until(lambda: process.said(" ready.") or not process.is_alive, what="a worker to start", process=process)
    assert process.is_alive, process.log.read_text()
    return process


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
