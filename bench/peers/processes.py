"""Beats and workers of both sides, to be killed and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

ROOT = Path(__file__).resolve().parents[2]
PEERS = ("celery", "redbeat", "django_celery_beat", "tenant_schemas_celery")


class Process:
    """A Celery command in a process group of its own.

    Args:
        side: `matins`, or one of the peers.
        words: the command.
        logs: the directory of what it says; its log has the command's name.
        env: what differs in its environment.
    """

    def __init__(self, side: str, *words: str, logs: Path, **env: str) -> None:
        application = "config" if side == "matins" else "bench.peers.app"
        paths = os.pathsep.join([str(ROOT / "app"), str(ROOT)])
        own = {"MATINS_DB_ROLE": "app", "PYTHONPATH": paths, "PEER": side, **env}
        self.log = logs / f"{side}-{words[0]}.log"
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "celery", "-A", application, *words, "-l", "info"],
                cwd=logs,
                env={**os.environ, **own},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL it and its children."""
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()


def wait_until(condition: Callable[[], Any], *, what: str, timeout_s: float = 90) -> Any:
    """Wait for something, and return it.

    Raises:
        TimeoutError: it never came.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise TimeoutError(f"Waited {timeout_s} s in vain for {what}.")


def broker(url: str) -> Any:
    """Return a client of a broker's database."""
    return redis.Redis.from_url(url, decode_responses=True)
