"""What is owed on loans, as of any day: read from their movements and from one row of interest each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.money import ZERO
from loans.scope import Scope


def accrued(last: str) -> str:
    """Return the SELECT of the interest accrued on each loan through a day: what its last row until then says.

    A loan that has ended has its last row on the day of its end; one that is behind, a few days back. Rows are looked
    up one by one, whatever the plan, and from the last day back, no further than needed: a loan may have a thousand.

    Args:
        last: the expression of the day.
    """
    return f"""
        SELECT loan.id AS loan_id, row.accrued AS total
        FROM loans_loan loan
        LEFT JOIN LATERAL (
            SELECT closed_on FROM loans_closure WHERE loan_id = loan.id AND reopened_on IS NULL LIMIT 1
        ) closure ON TRUE
        CROSS JOIN LATERAL (SELECT least({last}, closure.closed_on) AS day) last
        CROSS JOIN LATERAL (
            SELECT looked_up.accrued
            FROM (SELECT generate_series(0, last.day - loan.accrues_from - 1) AS days) back
            CROSS JOIN LATERAL (
                SELECT accrued FROM loans_accrual WHERE accrual_date = last.day - back.days AND loan_id = loan.id
                AND component = 'interest' AND reversal_id IS NULL LIMIT 1
            ) looked_up
            LIMIT 1
        ) row"""


#: The same through the day `%(day)s`.
ACCRUED = accrued("%(day)s::date")

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
    LEFT JOIN ({accrued} WHERE TRUE {of_loan}) accrued ON accrued.loan_id = loan.id
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
    statement = _BALANCES.format(of_movement=scope.of("loan_id"), accrued=ACCRUED, of_loan=scope.of("loan.id"))
    with scope.cursor() as cursor:
        cursor.execute(statement, {"day": on, **scope.parameters})
        return {
            loan_id: Balances(**dict(zip(Balances.__dataclass_fields__, sums, strict=True)))
            for loan_id, *sums in cursor.fetchall()
        }
