"""Which loans get statements, and which of their periods have none yet."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from common.money import ZERO
from loans.models import Closure
from statements.models import DEFAULT_CYCLE, StatementCycle
from statements.periods import DAY, Change, ends, start_of


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What of a statement the next one goes on from.

    Args:
        period_end: its last day.
        closing: its closing balance in dollars.
        ytd: its sums since the beginning of that year.
    """

    period_end: date
    closing: Decimal
    ytd: dict[str, Decimal]


@dataclass(kw_only=True)
class Candidate:
    """A loan that may get a statement.

    Args:
        loan_id: the loan.
        number: its number.
        since: the first day that its first statement is about.
        last: its newest statement, None before the first.
    """

    loan_id: int
    number: str
    since: date
    last: Stated | None

    @property
    def start(self) -> date:
        """The first day of its next statement."""
        return self.last.period_end + DAY if self.last else self.since

    def ytd(self, year: int) -> dict[str, Decimal]:
        """Return the sums since the beginning of a year that its newest statement has."""
        return self.last.ytd if self.last and self.last.period_end.year == year else dict.fromkeys(YTD, ZERO)


#: The sums since the beginning of the year, as a statement has them.
YTD = ("interest_ytd", "fees_ytd", "paid_principal_ytd", "paid_interest_ytd", "paid_fees_ytd")

CHARGED_OFF = Closure.Reason.CHARGED_OFF

# An ended loan is looked at only when something was booked on it since it was last stated, and after a charge-off not
# even then. A loan's first statement
# begins with its first day, but not before this tenant's first period of the cycle: earlier days were stated by nobody.
_CANDIDATES = f"""
    SELECT loan.id, loan.number, greatest(booked.first_day, %(begins)s), last.period_end, last.closing,
           {", ".join(f"last.{name}" for name in YTD)}
    FROM loans_loan loan
    LEFT JOIN LATERAL (
        SELECT cycle FROM statements_statementcycle chosen WHERE chosen.loan_id = loan.id AND starts_on <= %(end)s
        ORDER BY starts_on DESC LIMIT 1
    ) chosen ON TRUE
    LEFT JOIN LATERAL (
        SELECT * FROM statements_statement stated WHERE stated.loan_id = loan.id ORDER BY period_end DESC LIMIT 1
    ) last ON TRUE
    LEFT JOIN loans_closure closure
        ON closure.loan_id = loan.id AND closure.reopened_on IS NULL AND closure.closed_on <= %(end)s
    CROSS JOIN LATERAL (
        SELECT CASE WHEN last.period_end IS NULL THEN (
            SELECT min(entry_date) FROM loans_transaction movement JOIN ledger_journalentry entry
                ON entry.id = movement.entry_id WHERE movement.loan_id = loan.id
        ) END AS first_day
    ) booked
    WHERE loan.id > %(after)s AND coalesce(chosen.cycle, '{DEFAULT_CYCLE}') = %(cycle)s
        AND coalesce(last.period_end < %(end)s, booked.first_day <= %(end)s)
        AND (%(numbers)s::text[] IS NULL OR loan.number = ANY(%(numbers)s))
        AND (
            closure.reason IS NULL
            OR (closure.reason = '{CHARGED_OFF}' AND last.ending = '{CHARGED_OFF}') IS NOT TRUE AND EXISTS (
                SELECT FROM loans_transaction movement
                JOIN ledger_journalentry entry ON entry.id IN (movement.entry_id, movement.reversal_id)
                WHERE movement.loan_id = loan.id AND entry.entry_date <= %(end)s
                    AND entry.entry_date > coalesce(last.period_end, %(begins)s::date - 1)
            )
        )
    ORDER BY loan.id LIMIT %(limit)s"""

_BEGINS = "SELECT min(period_start) FROM statements_statement WHERE cycle = %(cycle)s"


def begins(cycle: str, end: date) -> date:
    """Return the first day that a cycle's statements of this tenant are about, with the period that ends on a day."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGINS, {"cycle": cycle})
        (earliest,) = cursor.fetchone()
    start = start_of(cycle, end)
    return min(earliest or start, start)


def candidates(
    cycle: str, end: date, *, begins: date, after: int, limit: int, numbers: Sequence[str] | None
) -> list[Candidate]:
    """Return the next loans whose cycle it is, that ran in a period through `end` that no statement is about yet.

    Args:
        cycle: in force at the end of the period.
        end: the period's last day.
        begins: see `begins`.
        after: the id of the last loan that was returned before; 0 at first.
        limit: so many at most.
        numbers: the only loans that are asked for; all when None.
    """
    parameters: dict[str, Any] = {"cycle": cycle, "end": end, "begins": begins, "after": after, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, {**parameters, "numbers": None if numbers is None else list(numbers)})
        return [_candidate(*row) for row in cursor]


def _candidate(loan_id: int, number: str, since: date, period_end: date | None, closing: Any, *ytd: Any) -> Candidate:
    last = Stated(period_end=period_end, closing=closing, ytd=dict(zip(YTD, ytd, strict=True))) if period_end else None
    return Candidate(loan_id=loan_id, number=number, since=since, last=last)


def missing(chosen: Sequence[Candidate], end: date) -> dict[date, list[Candidate]]:
    """Return the loans by the ends of their periods that have no statement yet, through `end`, oldest first."""
    changes = _changes([one.loan_id for one in chosen])
    found = defaultdict[date, list[Candidate]](list)
    for one in chosen:
        for period_end in ends(changes.get(one.loan_id, []), one.start, end):
            found[period_end].append(one)
    return dict(sorted(found.items()))


def _changes(loan_ids: Sequence[int]) -> dict[int, list[Change]]:
    changes = defaultdict[int, list[Change]](list)
    rows = StatementCycle.objects.filter(loan__in=loan_ids).order_by("starts_on")
    for loan_id, starts_on, cycle in rows.values_list("loan_id", "starts_on", "cycle"):
        changes[loan_id].append((starts_on, cycle))
    return changes
