"""The demo's worker and beat: real processes of the app role, to be killed, frozen and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.demo.screen import console
from sandbox.servers import APP_DIR

LOGS = APP_DIR.parent / ".matins" / "logs"


@dataclass
class Platform:
    """The worker and beat processes of the demo."""

    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        """Start one Celery process as the app role, its output going to `.matins/logs`."""
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", *arguments],
                cwd=APP_DIR,
                env={**os.environ, "MATINS_DB_ROLE": "app", "MATINS_TICK_S": "0.1", "MATINS_RECONCILE_S": "0.5"},
                stdout=log,
                stderr=log,
                process_group=0,  # Killed with its children, yet in the session the sandbox's keeper ends.
            )

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a process and its children."""
        os.killpg(self.processes[name].pid, number)

    def kill(self, name: str) -> None:
        """SIGKILL a process and its children."""
        self.signal(name, signal.SIGKILL)
        self.processes.pop(name).wait()

    def stop(self) -> None:
        """End all processes."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def running() -> Iterator[Platform]:
    """Run a beat and a worker for the block."""
    platform = Platform()
    try:
        start_worker(platform)
        platform.start("beat", "beat", "-l", "info")
        console.print(f"Started a beat and a worker of two processes; they log to {LOGS.parent.name}/{LOGS.name}.")
        yield platform
    finally:
        platform.stop()


def start_worker(platform: Platform) -> None:
    """Start the worker, of two processes, for all queues."""
    platform.start("worker", "worker", "-l", "info", "-c", "2")
