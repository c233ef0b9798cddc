"""The instant at which a night's job looks at cases: theirs are clocks that run, not days."""

from datetime import UTC, date, datetime, time


def moment(business_date: date, due_at: datetime | None, usual: time) -> datetime:
    """Return when the window was due; by hand, the business date at the schedule's usual time (UTC)."""
    return due_at or datetime.combine(business_date, usual, UTC)
