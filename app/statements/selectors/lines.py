"""The lines of statements: every movement that was booked in a period, and the interest of its days by rate."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from common.money import ZERO

#: The kind of the lines that sum up days of interest; all others are kinds of `loans.models.Transaction`.
ACCRUED = "interest"


class Line(NamedTuple):
    """One line of a statement, in dollars; what is added to what is owed is positive."""

    kind: str
    #: The day it counts for; of interest, the last day.
    day: date
    #: Whether it was booked within the period; else it only counts for the year.
    in_period: bool
    #: Whether it was booked in the year in which the period ends.
    this_year: bool
    #: Whether it counts for a day before the period.
    is_earlier: bool
    #: Whether it takes back what was booked before.
    is_reversal: bool
    principal: Decimal = ZERO
    interest: Decimal = ZERO
    fees: Decimal = ZERO
    overpaid: Decimal = ZERO
    recovered: Decimal = ZERO
    #: Of interest: the first day, the annual rate, and how many days.
    first_day: date | None = None
    rate: Decimal = ZERO
    days: int = 0

    @property
    def amount(self) -> Decimal:
        """What it adds to the balance."""
        return self.principal + self.interest + self.fees - self.overpaid


@dataclass(frozen=True, kw_only=True)
class Period:
    """The stretch of one loan's statement.

    Args:
        loan_id: the loan.
        start: its first day.
        reads_from: the day from which lines are read: the year's first, where no earlier statement has its sums.
    """

    loan_id: int
    start: date
    reads_from: date


# What was booked and taken back again within the same stretch is as if it had not been.
_STATED = """
    WITH stated AS MATERIALIZED (
        SELECT * FROM unnest(%(loan_ids)s::bigint[], %(starts)s::date[], %(reads_from)s::date[])
            AS stated (loan_id, start, reads_from)
    ),
    entry AS MATERIALIZED (
        SELECT id, entry_date, starts_with(kind, 'interest-accrual') AS of_interest FROM ledger_journalentry
        WHERE entry_date BETWEEN (SELECT min(reads_from) FROM stated) AND %(end)s
    )"""

_MOVEMENTS = f"""
    {_STATED},
    booked AS (
        SELECT movement.id, movement.loan_id, 1 AS sign, entry.entry_date, other.entry_date AS other_date
        FROM entry JOIN loans_transaction movement ON movement.entry_id = entry.id
        LEFT JOIN entry other ON other.id = movement.reversal_id
        WHERE NOT entry.of_interest
        UNION ALL
        SELECT movement.id, movement.loan_id, -1, entry.entry_date, other.entry_date
        FROM entry JOIN loans_transaction movement ON movement.reversal_id = entry.id
        LEFT JOIN entry other ON other.id = movement.entry_id
    )
    SELECT movement.loan_id, kind, effective_date, booked.entry_date >= start, booked.entry_date >= %(year)s,
           effective_date < start, sign < 0, sign * principal, sign * interest, sign * fees, sign * overpaid,
           sign * recovered
    FROM booked JOIN stated USING (loan_id) JOIN loans_transaction movement USING (id)
    WHERE booked.entry_date >= reads_from AND (
        other_date IS NULL OR other_date < reads_from
        OR (booked.entry_date >= start, booked.entry_date >= %(year)s)
            <> (other_date >= start, other_date >= %(year)s)
    )
    ORDER BY movement.loan_id, effective_date, movement.id, sign DESC"""

# Rows of interest are read by entry, each a stretch of the table: a period has tens of entries and all their rows.
_INTEREST = f"""
    {_STATED},
    booked AS (
        SELECT written.*, entry_date, 1 AS sign FROM entry CROSS JOIN LATERAL (
            SELECT loan_id, accrual_date, rate, amount FROM loans_accrual WHERE entry_id = entry.id OFFSET 0
        ) written WHERE of_interest
        UNION ALL
        SELECT reversed.*, entry_date, -1 FROM entry CROSS JOIN LATERAL (
            SELECT loan_id, accrual_date, rate, amount FROM loans_accrual WHERE reversal_id = entry.id OFFSET 0
        ) reversed WHERE of_interest
    )
    SELECT loan_id, max(accrual_date), entry_date >= start AS in_period, entry_date >= %(year)s AS this_year,
           accrual_date < start AS is_earlier, sum(sign * amount), min(accrual_date), rate, sum(sign)
    FROM booked JOIN stated USING (loan_id) WHERE entry_date >= reads_from
    GROUP BY loan_id, in_period, this_year, is_earlier, rate
    HAVING sum(sign) <> 0 OR sum(sign * amount) <> 0
    ORDER BY loan_id, min(accrual_date), rate"""


def lines(periods: Sequence[Period], end: date) -> Mapping[int, list[Line]]:
    """Return the lines of periods that all end on a day, by loan id, in the order of their days.

    Rows count by the date of their entry (`loans.selectors.activity`), and those that a replay took back count the
    other way from the entry on that did.
    """
    parameters = {
        "loan_ids": [period.loan_id for period in periods],
        "starts": [period.start for period in periods],
        "reads_from": [period.reads_from for period in periods],
        "end": end,
        "year": end.replace(month=1, day=1),
    }
    found = defaultdict[int, list[Line]](list)
    for loan_id, line in (*_movements(parameters), *_interest(parameters)):
        found[loan_id].append(line)
    return {loan_id: sorted(its, key=_when) for loan_id, its in found.items()}


def _when(line: Line) -> date:
    return line.day


def _movements(parameters: Mapping[str, Any]) -> Iterable[tuple[int, Line]]:
    return [(loan_id, Line(*columns)) for loan_id, *columns in _rows(_MOVEMENTS, parameters)]


def _interest(parameters: Mapping[str, Any]) -> Iterable[tuple[int, Line]]:
    for loan_id, last, in_period, this_year, is_earlier, amount, first, rate, days in _rows(_INTEREST, parameters):
        line = Line(
            kind=ACCRUED,
            day=last,
            in_period=in_period,
            this_year=this_year,
            is_earlier=is_earlier,
            is_reversal=days < 0,
            interest=amount,
            first_day=first,
            rate=rate,
            days=days,
        )
        yield loan_id, line


def _rows(statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows
