"""The banking days of the Federal Reserve, on which ACH entries settle.

The Reserve Banks keep the federal holidays; one on a Sunday closes the Monday after it, one on a Saturday closes
nothing (Federal Reserve, Holiday Schedules). Checked against QuantLib for 1990 to 2060.
"""

from collections.abc import Container
from datetime import date, timedelta
from functools import cache

DAY = timedelta(days=1)
MONDAY, SATURDAY = 0, 5


@cache
def _federal() -> Container[date]:
    """Return the federal holidays on their own dates; the library's calendar of the Fed itself is empty before 1999.

    Loaded when first asked for: the library reads every country's, a second at the start of each process.
    """
    import holidays

    return holidays.country_holidays("US", observed=False)


def is_banking_day(day: date) -> bool:
    """Return whether the Federal Reserve settles on `day`."""
    if day.weekday() >= SATURDAY or day in _federal():
        return False
    return not (day.weekday() == MONDAY and day - DAY in _federal())


def roll_forward(day: date) -> date:
    """Return `day`, or the first banking day after it if it is none."""
    while not is_banking_day(day):
        day += DAY
    return day


def banking_day_before(due: date) -> date:
    """Return the last banking day before `due`: the day on which its debit is originated (settled rule 17)."""
    day = due - DAY
    while not is_banking_day(day):
        day -= DAY
    return day


def add_banking_days(day: date, count: int) -> date:
    """Return the `count`-th banking day after `day`; `day` itself, banking day or not, if `count` is 0."""
    for _ in range(count):
        day = roll_forward(day + DAY)
    return day


def dues_originated_on(day: date) -> tuple[date, date] | None:
    """Return the first and last due date whose debits are originated on `day`; None if `day` is no banking day.

    Between two banking days every due date belongs to the earlier one, so that a query needs a range, not a calendar.
    """
    return (day + DAY, add_banking_days(day, 1)) if is_banking_day(day) else None
