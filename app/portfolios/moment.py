"""As of when a job of portfolios states what it finds."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

#: When the two jobs are due: what is done by hand, without a window, is as of the same moments.
ASSIGNED, TAKEN = time(5), time(5, 30)


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """The moment that a job states: it sees what was booked before it, whenever it runs.

    Args:
        day: the night, D.
        due_at: when the job of that night was due.
    """

    day: date
    due_at: datetime

    @classmethod
    def of(cls, day: date, due_at: datetime | None, *, usual: time) -> "AsOf":
        """Return the moment of a night: when its window was due, or at the usual time of what is done by hand."""
        return cls(day=day, due_at=due_at or datetime.combine(day, usual, UTC))

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements take."""
        return {"day": self.day, "due_at": self.due_at}
