"""What is owed on loans, as of any day: read from their movements and from one row of interest each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from common.money import ZERO
from loans.scope import Scope

#: The interest accrued through the day `%(day)s`, by loan: what its last row of that day or an earlier one says. A loan
#: that has ended has its last row on the day of its end; one that is behind, a few days back. The rows are looked up
#: in a scalar subquery, day by day backwards: a join would be free to take the days in any order.
ACCRUED = """
    SELECT loan.id AS loan_id, accrued.total
    FROM loans_loan loan
    LEFT JOIN loans_closure closure ON closure.loan_id = loan.id AND closure.reopened_on IS NULL
    CROSS JOIN LATERAL (SELECT least(%(day)s::date, closure.closed_on) AS day) last
    CROSS JOIN LATERAL (
        SELECT total FROM (
            SELECT (
                SELECT accrued FROM loans_accrual WHERE accrual_date = last.day - back AND loan_id = loan.id
                AND component = 'interest' AND reversal_id IS NULL
            ) AS total
            FROM generate_series(0, last.day - loan.accrues_from - 1) back OFFSET 0
        ) found
        WHERE total IS NOT NULL LIMIT 1
    ) accrued"""

_BALANCES = """
    SELECT loan.id, coalesce(moved.principal, 0), coalesce(accrued.total, 0) + coalesce(moved.interest, 0),
           coalesce(moved.fees, 0), coalesce(moved.overpaid, 0), coalesce(moved.recovered, 0)
    FROM loans_loan loan
    LEFT JOIN (
        SELECT loan_id, sum(principal) AS principal, sum(interest) AS interest, sum(fees) AS fees,
               sum(overpaid) AS overpaid, sum(recovered) AS recovered
        FROM loans_transaction WHERE effective_date <= %(day)s AND reversal_id IS NULL {of_movement}
        GROUP BY loan_id
    ) moved ON moved.loan_id = loan.id
    LEFT JOIN ({accrued}{of_accrued}) accrued ON accrued.loan_id = loan.id
    WHERE TRUE {of_loan}"""


@dataclass(frozen=True, kw_only=True)
class Balances:
    """What stands open on a loan, in dollars.

    Args:
        principal: owed.
        interest: accrued and not paid.
        fees: assessed and not paid.
        overpaid: what we owe the borrower.
        recovered: what came in after the charge-off.
    """

    principal: Decimal = ZERO
    interest: Decimal = ZERO
    fees: Decimal = ZERO
    overpaid: Decimal = ZERO
    recovered: Decimal = ZERO

    @property
    def owed(self) -> Decimal:
        """All that the borrower owes."""
        return self.principal + self.interest + self.fees


def balances(on: date, loan_ids: Sequence[int] | None = None) -> dict[int, Balances]:
    """Return the balances of loans at the close of a day, by loan id; of all loans when none are named.

    Interest is counted as far as its rows go: `loans.selectors.behind` tells which loans lack some.
    """
    scope = Scope(loan_ids)
    statement = _BALANCES.format(
        of_movement=scope.of("loan_id"),
        accrued=ACCRUED,
        of_accrued=f" WHERE TRUE {scope.of('loan.id')}",
        of_loan=scope.of("loan.id"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"day": on, **scope.parameters})
        return {
            loan_id: Balances(**dict(zip(Balances.__dataclass_fields__, sums, strict=True)))
            for loan_id, *sums in cursor.fetchall()
        }
