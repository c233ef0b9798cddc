"""What the demo's parts share of the screen: one console, and waiting that says what it waits for."""

import time
from collections.abc import Callable

from rich.console import Console

console = Console()


def wait_for(what: str, condition: Callable[[], bool], timeout_s: float = 90) -> None:
    """Wait for a condition.

    Raises:
        SystemExit: it never came; says what was waited for.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(
                f"Waited {timeout_s:.0f} s in vain for {what}; the logs in .matins/logs say what the processes did."
            )
        time.sleep(0.02)
