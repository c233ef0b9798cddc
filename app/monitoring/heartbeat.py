"""Heartbeat files: beat and worker touch theirs from the loop they live in, so one that froze stops touching it.

Whoever may restart a process asks `manage.py healthy`, which reads the file's age and nothing else. A heartbeat must
not depend on the database or the broker, whose outages no restart of ours would mend.
"""

import logging
import time
from pathlib import Path
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)


def path_of(kind: str) -> Path:
    """Return the file of this kind of process, `worker` or `beat`, on this machine."""
    return Path(settings.MATINS_HEARTBEATS) / kind


def touch(kind: str) -> None:
    """Say that a process of this kind lives; where that cannot be written down, its work goes on all the same."""
    path = path_of(kind)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        logger.warning("The heartbeat cannot be written: %s. Set MATINS_HEARTBEATS to a writable directory.", error)


def age_s(kind: str) -> float | None:
    """Return how many seconds ago a process of this kind last said that it lives, or None when none ever has."""
    try:
        return time.time() - path_of(kind).stat().st_mtime
    except FileNotFoundError:
        return None


def on_tick(**_: Any) -> None:
    """Say that this beat lives; called at the end of every tick."""
    touch("beat")
