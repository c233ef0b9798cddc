"""The formulas of interest as SQL expressions, each the twin of the Python that it is tested against.

Arguments are SQL expressions and are written more than once: let them be columns.
"""

from calendar import isleap
from datetime import date, timedelta

from loans.daycount import MONTHLY, DayCount

_MONTHLY = ", ".join(f"'{day_count}'" for day_count in sorted(MONTHLY))
#: 365 x 366: a day of Act/Act weighs the length of the other kind of year, so that one divisor serves both.
_BOTH_YEARS = 365 * 366


def next_due(first_due: str, after: str) -> str:
    """Return the first due date after `after` (`loans.grid.next_due`)."""
    months = f"12 * ({_year(after)} - {_year(first_due)}) + {_month(after)} - {_month(first_due)}"
    due = f"({first_due} + make_interval(months => months))::date"
    following = f"({first_due} + make_interval(months => months + 1))::date"
    return (
        f"(SELECT CASE WHEN {due} > {after} THEN {due} ELSE {following} END"
        f" FROM (SELECT greatest(0, {months})::int AS months) AS grid)"
    )


def maturity(first_due: str, term_months: str) -> str:
    """Return the last due date of the schedule."""
    return f"({first_due} + make_interval(months => {term_months} - 1))::date"


def period_days(day_count: str, start: str, end: str, last_due: str) -> str:
    """Return the days that the convention counts (`loans.daycount.period_days`)."""
    us, isda = f"{day_count} = '{DayCount.THIRTY_360_US}'", f"{day_count} = '{DayCount.THIRTY_E_360_ISDA}'"
    european = f"{day_count} IN ('{DayCount.THIRTY_E_360}', '{DayCount.THIRTY_E_360_ISDA}')"
    first = f"CASE WHEN ({us} OR {isda}) AND {_ends_february(start)} THEN 30 ELSE least({_day(start)}, 30) END"
    to_30 = f"{isda} AND {end} <> {last_due} OR {us} AND {_ends_february(start)}"
    last = f"CASE WHEN {_ends_february(end)} AND ({to_30}) THEN 30 ELSE {_day(end)} END"
    whole_months = f"360 * ({_year(end)} - {_year(start)}) + 30 * ({_month(end)} - {_month(start)})"
    return (
        f"CASE WHEN {day_count} IN ({_MONTHLY}) THEN"
        f" (SELECT {whole_months} + CASE WHEN {european} OR first = 30 THEN least(last, 30) ELSE last END - first"
        f" FROM (SELECT {first} AS first, {last} AS last) AS days_of_month)"
        f" ELSE {end} - {start} END"
    )


def exposure(principal: str, rate: str, day_count: str, weight: str) -> str:
    """Return what one day adds to a period's exposure."""
    return (
        f"CASE {day_count} WHEN '{DayCount.ACT_ACT_ISDA}' THEN {principal} * {rate} * {weight}"
        f" ELSE {principal} * {rate} END"
    )


def weight(accrual_date: date) -> int:
    """Return what a day weighs in Act/Act; the day D-1 → D belongs to the year of D-1."""
    return _BOTH_YEARS // (366 if isleap((accrual_date - timedelta(days=1)).year) else 365)


def weight_sql(accrual_date: str) -> str:
    """Return `weight` as an expression."""
    year = _year(f"({accrual_date} - 1)")
    return f"{_BOTH_YEARS} / (make_date({year}, 12, 31) - make_date({year} - 1, 12, 31))"


def interest(exposure: str, days: str, start: str, end: str, day_count: str) -> str:
    """Return a period's interest to date, not yet rounded: exposure x yf(start, end) / actual days (settled rule 8).

    The divisor has twenty decimals, hence so has the quotient. They tell every tie: an exposure has ten decimals and
    the divisor is below 5 x 10⁸, so whatever is not a tie is at least 2 x 10⁻¹⁹ away from one.
    """
    year = (
        f"CASE {day_count} WHEN '{DayCount.ACT_365F}' THEN {365:.20f} WHEN '{DayCount.ACT_ACT_ISDA}'"
        f" THEN {_BOTH_YEARS:.20f} ELSE {360:.20f} END"
    )
    return f"{exposure} * {days} / ({year} * ({end} - {start}))"


def _year(day: str) -> str:
    return f"extract(year FROM {day})::int"


def _month(day: str) -> str:
    return f"extract(month FROM {day})::int"


def _day(day: str) -> str:
    return f"extract(day FROM {day})::int"


def _ends_february(day: str) -> str:
    return f"({_month(day)} = 2 AND {_day(f'({day} + 1)')} = 1)"
