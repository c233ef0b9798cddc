"""How long a stretch of days is in years, by seven conventions; the reference that the accrual's SQL is tested against.

Rules: ISDA 2006 definitions §4.16 (f) to (h) and the US rule with its end of February; the numbers are QuantLib's.
"""

from calendar import isleap, monthrange
from datetime import date
from fractions import Fraction

from django.db import models


class DayCount(models.TextChoices):
    """A convention that turns a period into a fraction of a year."""

    THIRTY_360_US = "30/360 US"
    THIRTY_360_BOND = "30/360 BOND"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    ACT_360 = "ACT/360"
    ACT_365F = "ACT/365F"
    ACT_ACT_ISDA = "ACT/ACT ISDA"


#: Conventions whose periods are 30-day months. Within a period they count actual days (`loans.schedule`).
MONTHLY = frozenset(
    {DayCount.THIRTY_360_US, DayCount.THIRTY_360_BOND, DayCount.THIRTY_E_360, DayCount.THIRTY_E_360_ISDA}
)


def year_fraction(day_count: str, start: date, end: date, maturity: date | None = None) -> Fraction:
    """Return the exact part of a year from `start` (excluded) to `end` (included).

    Args:
        maturity: the loan's last due date, on which 30E/360 ISDA lets a February end on its own last day.
    """
    if day_count == DayCount.ACT_ACT_ISDA:
        return _actual_actual(start, end)
    return Fraction(period_days(day_count, start, end, maturity), 365 if day_count == DayCount.ACT_365F else 360)


def period_days(day_count: str, start: date, end: date, maturity: date | None = None) -> int:
    """Return the days the convention counts between two dates: actual ones, or those of 30-day months."""
    if day_count not in MONTHLY:
        return (end - start).days
    first, last = _days_of_month(DayCount(day_count), start, end, maturity)
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _days_of_month(day_count: DayCount, start: date, end: date, maturity: date | None) -> tuple[int, int]:
    """Return the days of the month of both dates as a 30-day month numbers them."""
    first, last = start.day, end.day
    if day_count == DayCount.THIRTY_E_360_ISDA:
        first = 30 if _ends_february(start) else first
        last = 30 if _ends_february(end) and end != maturity else last
    if day_count == DayCount.THIRTY_360_US and _ends_february(start):
        first, last = 30, 30 if _ends_february(end) else last
    first = min(first, 30)
    european = day_count in {DayCount.THIRTY_E_360, DayCount.THIRTY_E_360_ISDA}
    return first, min(last, 30) if european or first == 30 else last  # noqa: PLR2004 - the month's length.


def _ends_february(day: date) -> bool:
    return day.month == 2 and day.day == monthrange(day.year, 2)[1]  # noqa: PLR2004 - February.


def _actual_actual(start: date, end: date) -> Fraction:
    """Return the days of every calendar year over that year's length; the day D-1 → D is of the year of D-1."""
    if end < start:
        return -_actual_actual(end, start)
    total = Fraction(0)
    while start < end:
        stop = min(end, date(start.year + 1, 1, 1))
        total += Fraction((stop - start).days, 366 if isleap(start.year) else 365)
        start = stop
    return total
