"""Processes that do not outlive the one that started them."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def dying_with_parent() -> None:
    """Ask the kernel to stop this child when its parent dies, however that dies (for `Popen(preexec_fn=…)`).

    Linux only; elsewhere the keeper's own end of the pipe (sandbox.keeper) has to do.
    """
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)  # Postgres's SIGTERM would wait for its clients.
