"""The operating system's process of one operation: started, listened to, interrupted when it takes too long."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import TypeAdapter, ValidationError

from infra.engine.model import Message, Order
from infra.projects import ROOT

LAST_WORDS = 2000


class Process:
    """Runs one order; as a context manager it leaves nothing of it behind.

    Args:
        order: what to do.
        projects: the folder of the stacks' projects.
        environment: the variables of the process.
        limit_s: seconds after which it is interrupted.
        grace_s: seconds from there until it is killed.

    Attributes:
        is_late: the limit has passed.
        last_words: once left, the end of what it printed beside its messages.
    """

    def __init__(
        self, order: Order, projects: Path, *, environment: Mapping[str, str], limit_s: float, grace_s: float
    ) -> None:
        self.is_late, self.last_words, self._grace_s = False, "", grace_s
        self._noise = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - closed by __exit__
        self._popen = subprocess.Popen(  # noqa: S603 - this interpreter, this package
            [sys.executable, "-m", "infra.engine", str(projects), TypeAdapter(Order).dump_json(order).decode()],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._noise,
            text=True,
            start_new_session=True,
        )
        self._timer = threading.Timer(limit_s, self._stop_late)
        self._timer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._signal(signal.SIGKILL)
        self._popen.communicate()
        self._noise.seek(0)
        self.last_words = self._noise.read()[-LAST_WORDS:].strip()
        self._noise.close()

    def messages(self) -> Iterator[Message]:
        """Yield what it tells, until it has ended."""
        messages = TypeAdapter(Message)
        for line in self._popen.stdout or ():
            with suppress(ValidationError):  # A line that a kill cut short.
                yield messages.validate_json(line)

    def interrupt(self) -> None:
        """Let the engine end what is under way and save its state; after the grace, make it end."""
        self._signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(self._grace_s)
        self._signal(signal.SIGKILL)

    def _stop_late(self) -> None:
        self.is_late = True
        self.interrupt()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)
