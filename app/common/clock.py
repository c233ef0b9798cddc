"""The business clock: the one place that says what time it is for the night's work.

In production it is the real clock. In the demo and the tests it is the real clock plus an offset kept in a
small file, so that every process of one night (beat, workers, commands) shares it and it never stands still.
Leases and retries do not use it: they live on Postgres's `clock_timestamp()`, which nobody simulates.
"""

import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings


def now() -> datetime:
    """Return the business time, aware, in UTC."""
    return datetime.now(UTC) + _offset()


def today() -> date:
    """Return the business date: the UTC calendar date of `now()`."""
    return now().date()


def is_simulated() -> bool:
    """Return whether this process reads a simulated clock."""
    return bool(settings.MATINS_CLOCK_FILE)


def set_to(moment: datetime) -> None:
    """Move the simulated clock to `moment` (aware) for every process that shares the clock file.

    Raises:
        ValueError: if no clock file is configured, or `moment` is naive.
    """
    if not is_simulated():
        raise ValueError("The business clock is real; set MATINS_CLOCK_FILE to simulate it.")
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; the business clock is in UTC.")
    offset = (moment - datetime.now(UTC)).total_seconds()
    path = Path(settings.MATINS_CLOCK_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and renamed: a reader sees the old offset or the new one, never half of either.
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as aside:
        aside.write(repr(offset))
    os.chmod(aside.name, 0o644)  # noqa: PTH101
    Path(aside.name).replace(path)


def _offset() -> timedelta:
    if not is_simulated():
        return timedelta()
    try:
        return timedelta(seconds=float(Path(settings.MATINS_CLOCK_FILE).read_text()))
    except FileNotFoundError:
        return timedelta()
