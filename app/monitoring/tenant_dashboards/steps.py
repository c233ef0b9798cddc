"""What became of each tenant's dashboard; the same words whether files are written or a Grafana is kept in step."""

from dataclasses import dataclass
from enum import StrEnum


class Done(StrEnum):
    """What was done."""

    MADE = "made"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    LEFT = "left"


@dataclass(frozen=True)
class Step:
    """One tenant's dashboard, or one whose tenant is gone.

    Args:
        whose: schema name, or what Grafana or the directory call it.
        done: what was done.
        why: what an operator should know about it.
    """

    whose: str
    done: Done
    why: str = ""

    def __str__(self) -> str:
        """Return the line that tells of it."""
        return f"{self.whose}: {self.done}{f', {self.why}' if self.why else ''}"
