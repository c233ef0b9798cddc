"""When instalments fall due: once a month from the first due date, on its day of the month or the month's last.

The periods of interest are the stretches between two dates of this grid; it goes on after maturity.
"""

from calendar import monthrange
from datetime import date, timedelta


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later; the last day where the month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_between(start: date, end: date) -> int:
    """Return how many months `end` is after `start`, whatever their days."""
    return 12 * (end.year - start.year) + end.month - start.month


def next_due(first_due: date, after: date) -> date:
    """Return the first due date after `after`."""
    months = max(0, months_between(first_due, after))
    due = add_months(first_due, months)
    return due if due > after else add_months(first_due, months + 1)


def days(first: date, last: date) -> list[date]:
    """Return the dates from `first` to `last`, both included; none if it is over before it begins."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
