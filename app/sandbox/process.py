"""Processes that do not outlive the one that started them."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

import psutil

PR_SET_PDEATHSIG = 1
END_TIMEOUT_S = 15
_libc = ctypes.CDLL(None)


def dying_with_parent() -> None:
    """Ask the kernel to stop this child when its parent is killed (for `Popen(preexec_fn=…)`); Linux only.

    The parent must have one thread only: the kernel sends the signal once for each that dies.
    """
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)  # Postgres's SIGTERM would wait for its clients.


def end(leaders: Iterable[int]) -> None:
    """Ask these session leaders to end; kill those that do not in time, and whatever is left of their sessions."""
    leaders = list(leaders)
    for leader in leaders:
        with suppress(ProcessLookupError):
            os.kill(leader, signal.SIGTERM)
    give_up = time.monotonic() + END_TIMEOUT_S
    while any(map(psutil.pid_exists, leaders)) and time.monotonic() < give_up:
        time.sleep(0.05)
    for pid in psutil.pids():
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) in leaders:
                os.kill(pid, signal.SIGKILL)
