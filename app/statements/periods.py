"""When periods begin and end: months, halves of months and quarters, and how they follow when a cycle changes."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from statements.models import DEFAULT_CYCLE, Cycle

DAY = timedelta(days=1)
#: Where the month's second half begins.
MIDDLE = 15
_QUARTER = 3

#: A cycle and the day from which it decides about the periods that end.
Change = tuple[date, str]


def is_issued_on(cycle: str, day: date) -> bool:
    """Return whether statements of a cycle are issued on a day, of the period that ended the day before (rule 15)."""
    if cycle == Cycle.BIWEEKLY:
        return day.day in {1, MIDDLE}
    return day.day == 1 and (cycle == Cycle.MONTHLY or day.month % _QUARTER == 1)


def start_of(cycle: str, end: date) -> date:
    """Return the first day of a cycle's period that ends on a day."""
    if cycle == Cycle.BIWEEKLY:
        return end.replace(day=1 if end.day < MIDDLE else MIDDLE)
    first = end.replace(day=1)
    return first.replace(month=first.month - _QUARTER + 1) if cycle == Cycle.QUARTERLY else first


def ends(changes: Sequence[Change], first: date, last: date) -> Iterator[date]:
    """Yield the days from `first` to `last` on which a loan's periods end, oldest first.

    A day ends a period when the cycle that is in force on it is issued on the next: so whatever changes and when, the
    periods between these days leave no gap and do not overlap.

    Args:
        changes: the loan's, in order.
        first, last: both included.
    """
    day = first
    while day <= last:
        day = _next_boundary(day)
        if day <= last and is_issued_on(_in_force(changes, day), day + DAY):
            yield day
        day += DAY


def _next_boundary(day: date) -> date:
    """Return the day itself or the first one after it that is the 14th or the end of a month."""
    if day.day < MIDDLE:
        return day.replace(day=MIDDLE - 1)
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - DAY


def _in_force(changes: Sequence[Change], day: date) -> str:
    return next((cycle for starts_on, cycle in reversed(changes) if starts_on <= day), DEFAULT_CYCLE)
