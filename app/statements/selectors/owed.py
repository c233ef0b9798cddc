"""What stood on loans at the close of a day, what is due next, and what else a statement has to say then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from common.money import ZERO
from delinquency.models import Flag
from delinquency.selectors import amounts_past_due, days_past_due
from loans.models import Closure, Transaction
from loans.scope import Scope
from loans.selectors.as_of import as_booked
from statements.periods import DAY

Kind = Transaction.Kind


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What the books say of a loan at the close of a day, in dollars."""

    principal: Decimal
    interest: Decimal
    fees: Decimal
    overpaid: Decimal

    @property
    def owed(self) -> Decimal:
        """All that the borrower owes."""
        return self.principal + self.interest + self.fees

    @property
    def net(self) -> Decimal:
        """What is owed less what was overpaid: the balance of statements."""
        return self.owed - self.overpaid


#: Of a loan of which nothing is booked yet.
NOTHING = Balance(principal=ZERO, interest=ZERO, fees=ZERO, overpaid=ZERO)


def balances_booked(day: date, loan_ids: Sequence[int]) -> dict[int, Balance]:
    """Return what stood on loans in the books at the close of a day."""
    names = ", ".join(Balance.__dataclass_fields__)
    rows = _read(f"SELECT loan_id, {names} FROM ({as_booked(Scope(loan_ids))}) booked", day + DAY, loan_ids)
    return {
        loan_id: Balance(principal=principal, interest=interest, fees=fees, overpaid=overpaid)
        for loan_id, principal, interest, fees, overpaid in rows
    }


@dataclass(frozen=True, kw_only=True)
class Dues:
    """What is due of loans after a day, by loan id.

    Args:
        upcoming: the next instalment that is not paid: its due date, and what is missing of it in dollars.
        past_due: what is past due of instalments.
        oldest: the due date of the oldest of these.
    """

    upcoming: dict[int, tuple[date, Decimal]]
    past_due: dict[int, Decimal]
    oldest: dict[int, date]


# A plan that took another one's place later was not there yet: the rows that it replaced were in force.
_UPCOMING = f"""
    WITH paid AS MATERIALIZED (
        SELECT loan_id, -sum(principal + interest) AS covered FROM loans_transaction
        WHERE kind IN ('{Kind.PAYMENT}', '{Kind.PAYMENT_REVERSAL}') AND reversal_id IS NULL
            AND effective_date < %(day)s AND loan_id = ANY(%(loan_ids)s)
        GROUP BY loan_id
    )
    SELECT DISTINCT ON (loan_id) loan_id, due_date,
           least(principal + interest, greatest(0, due_through - coalesce(covered, 0)))
    FROM loans_instalment instalment LEFT JOIN paid USING (loan_id)
    WHERE loan_id = ANY(%(loan_ids)s) AND due_date >= %(day)s
        AND (superseded_on IS NULL OR superseded_on > %(day)s)
        AND NOT EXISTS (
            SELECT FROM loans_instalment replaced WHERE replaced.loan_id = instalment.loan_id
            AND replaced.superseded_on > %(day)s AND replaced.number <= instalment.number
            AND (instalment.superseded_on IS NULL OR replaced.superseded_on < instalment.superseded_on)
        )
        AND (settled_on IS NULL OR settled_on >= %(day)s)
        AND NOT EXISTS (
            SELECT FROM loans_reopening covered WHERE covered.instalment_id = instalment.id
            AND covered.settled_on < %(day)s AND covered.reopened_on >= %(day)s
        )
    ORDER BY loan_id, number"""


def dues(day: date, loan_ids: Sequence[int]) -> Dues:
    """Return what is due of loans after a day, as payments effective through that day leave it."""
    eve = day + DAY
    return Dues(
        upcoming={loan_id: (due, missing) for loan_id, due, missing in _read(_UPCOMING, eve, loan_ids)},
        past_due=amounts_past_due(eve, loan_ids=loan_ids),
        oldest={one.loan_id: one.oldest_due for one in days_past_due(eve, loan_ids=loan_ids)},
    )


def bankrupt(day: date, loan_ids: Sequence[int]) -> set[int]:
    """Return the loans whose borrower is in bankruptcy on a day."""
    flags = Flag.objects.filter(kind=Flag.Kind.BANKRUPTCY, starts_on__lte=day, loan__in=loan_ids)
    return set(flags.exclude(ends_on__lt=day).values_list("loan_id", flat=True))


def endings(day: date, loan_ids: Sequence[int]) -> dict[int, str]:
    """Return why loans ended by a day, of those that had not gone on again by then."""
    ended = Closure.objects.filter(closed_on__lte=day, loan__in=loan_ids).exclude(reopened_on__lte=day)
    return dict(ended.values_list("loan_id", "reason"))


def _read(statement: str, day: date, loan_ids: Sequence[int]) -> list[Any]:
    with Scope(loan_ids).cursor() as cursor:
        cursor.execute(statement, {"day": day, "due_at": None, "loan_ids": list(loan_ids)})
        rows: list[Any] = cursor.fetchall()
    return rows
