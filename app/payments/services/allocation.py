"""How payments are spent: one statement decides it for any number of loans, by each product's waterfall.

Per loan, what is owed is laid out as a row of slots in the waterfall's order, and the payment fills them from the
front. First come the instalments that are not covered, oldest first, through the next one to fall due: who pays it a
few days early has paid it, whatever fees stand open (settled rule 12: they never age an instalment). Then come fees,
then what may be paid further ahead. What is left is the borrower's, or after a charge-off a recovery.

An instalment asks for its whole amount; the interest in it is what has accrued through its due date and is not paid,
the rest is principal. Once the last one is due, all is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from loans.models import Closure, Transaction, Waterfall
from loans.scope import Scope
from loans.selectors.balances import ACCRUED

Kind = Transaction.Kind

# What was waived, capitalised or reversed is not there to be paid, whenever that was done: a payment that comes in
# with an earlier date must not pay it. A fee's credit counts from the fee's own date on.
_CREDITS = f"('{Kind.WAIVER}', '{Kind.CAPITALISATION}', '{Kind.FEE_REVERSAL}')"
_PAYMENTS = f"('{Kind.PAYMENT}', '{Kind.PAYMENT_REVERSAL}')"

# What each loan owes at the close of the day; `settled` is the interest that was paid, waived or capitalised, less
# what was charged besides the daily rows. What was paid of interest and principal covers instalments.
_STANDING = f"""
    asked AS (SELECT * FROM unnest(%(loan_ids)s::bigint[], %(amounts)s::numeric[]) AS asked (loan_id, amount)),
    movement AS (
        SELECT *, CASE WHEN kind IN {_CREDITS}
                  THEN coalesce(min(effective_date) FILTER (WHERE kind = '{Kind.FEE}') OVER cause, '-infinity')
                  ELSE effective_date END AS counts_from
        FROM loans_transaction WHERE loan_id = ANY(%(loan_ids)s) AND reversal_id IS NULL
        WINDOW cause AS (PARTITION BY loan_id, reference)
    ),
    moved AS (
        SELECT loan_id, sum(principal) FILTER (WHERE effective_date <= %(day)s) AS principal,
               sum(interest) FILTER (WHERE counts_from <= %(day)s) AS interest,
               sum(fees) FILTER (WHERE counts_from <= %(day)s) AS fees,
               sum(principal + interest) FILTER (WHERE kind IN {_PAYMENTS} AND effective_date <= %(day)s) AS paid
        FROM movement GROUP BY loan_id
    ),
    standing AS (
        SELECT asked.loan_id, asked.amount, product.waterfall, closure.reason,
               -coalesce(moved.interest, 0) AS settled, -coalesce(moved.paid, 0) AS covered,
               greatest(coalesce(accrued.total, 0) + coalesce(moved.interest, 0), 0) AS interest,
               greatest(moved.principal, 0) AS principal, greatest(moved.fees, 0) AS fees
        FROM asked JOIN loans_loan loan ON loan.id = asked.loan_id AND loan.id = ANY(%(loan_ids)s)
        JOIN loans_product product ON product.id = loan.product_id
        LEFT JOIN loans_closure closure ON closure.loan_id = loan.id AND closure.reopened_on IS NULL
            AND closure.loan_id = ANY(%(loan_ids)s)
        LEFT JOIN moved ON moved.loan_id = loan.id
        LEFT JOIN ({ACCRUED} WHERE loan.id = ANY(%(loan_ids)s)) accrued ON accrued.loan_id = loan.id
    )"""

# What must have been paid of interest and of principal for each instalment up to the next one to fall due, and all
# before it, to be covered. The next one asks for the interest of its period so far.
_DUE = """
    instalment AS (
        SELECT loan_id, number, due_date, due_through, number = max(number) OVER (PARTITION BY loan_id) AS is_last,
               coalesce(lag(due_date) OVER (PARTITION BY loan_id ORDER BY number), '-infinity') AS begins
        FROM loans_instalment WHERE loan_id = ANY(%(loan_ids)s) AND superseded_on IS NULL
    ),
    earned AS (
        SELECT standing.*, instalment.number, instalment.due_through, instalment.is_last,
               instalment.due_date > %(day)s AS is_next,
               max(CASE WHEN instalment.is_last OR instalment.due_date > %(day)s THEN standing.interest
                   ELSE least(standing.interest, greatest(coalesce(accrual.accrued, 0) - standing.settled, 0)) END
               ) OVER (PARTITION BY standing.loan_id ORDER BY instalment.number) AS interest_due
        FROM standing JOIN instalment ON instalment.loan_id = standing.loan_id AND instalment.begins <= %(day)s
            AND (instalment.due_through > standing.covered OR instalment.is_last)
        LEFT JOIN LATERAL (
            SELECT accrued FROM loans_accrual WHERE accrual_date = instalment.due_date
            AND loan_id = instalment.loan_id AND component = 'interest' AND reversal_id IS NULL LIMIT 1
        ) accrual ON TRUE
    ),
    due AS (
        SELECT loan_id, waterfall, number, is_next, interest_due,
               max(CASE WHEN is_last THEN principal
                   ELSE least(principal, greatest(due_through - covered - interest_due, 0)) END
               ) OVER (PARTITION BY loan_id ORDER BY number) AS principal_due
        FROM earned
    )"""

# One step per instalment, and a last one (without a number) for what may be paid further ahead.
_SLOTS = f"""
    step AS (
        SELECT *, interest_due - lag(interest_due, 1, 0::numeric) OVER paying AS interest,
               principal_due - lag(principal_due, 1, 0::numeric) OVER paying AS principal
        FROM (
            SELECT * FROM due UNION ALL SELECT loan_id, waterfall, NULL, NULL, interest, principal FROM standing
        ) through
        WINDOW paying AS (PARTITION BY loan_id ORDER BY number NULLS LAST)
    ),
    slot AS (
        SELECT loan_id, 'interest' AS component, interest AS owed, number, 0 AS place,
               CASE WHEN number IS NULL THEN 5 WHEN is_next THEN 3
               WHEN waterfall = '{Waterfall.INTEREST_FIRST}' THEN 1 ELSE 2 END AS stage
        FROM step
        UNION ALL
        SELECT loan_id, 'principal', principal, number, 1,
               CASE WHEN number IS NULL THEN 6 WHEN is_next THEN 3 ELSE 2 END
        FROM step
        UNION ALL
        SELECT loan_id, 'fees', fees, NULL, 0, CASE waterfall WHEN '{Waterfall.FEES_FIRST}' THEN 0 ELSE 4 END
        FROM standing
    ),
    paid AS (
        SELECT loan_id, component, greatest(least(owed, amount - (sum(owed) OVER filling - owed)), 0) AS paid
        FROM slot JOIN asked USING (loan_id)
        WINDOW filling AS (PARTITION BY loan_id ORDER BY stage, number NULLS LAST, place)
    )"""

_CHARGED_OFF = f"coalesce(standing.reason = '{Closure.Reason.CHARGED_OFF}', FALSE)"
_ALLOCATE = f"""
    WITH {_STANDING}, {_DUE}, {_SLOTS},
    spent AS (
        SELECT loan_id, sum(paid) FILTER (WHERE component = 'principal') AS principal,
               sum(paid) FILTER (WHERE component = 'interest') AS interest,
               sum(paid) FILTER (WHERE component = 'fees') AS fees, sum(paid) AS total
        FROM paid GROUP BY loan_id
    )
    SELECT loan_id, spent.principal, spent.interest, spent.fees,
           CASE WHEN {_CHARGED_OFF} THEN 0 ELSE amount - total END AS overpaid,
           CASE WHEN {_CHARGED_OFF} THEN amount - total ELSE 0 END AS recovered,
           total = standing.principal + standing.interest + standing.fees AS is_all
    FROM spent JOIN standing USING (loan_id)"""


@dataclass(frozen=True, kw_only=True)
class Split:
    """How one payment is spent, in dollars; `is_all` tells that nothing is owed afterwards."""

    principal: Decimal
    interest: Decimal
    fees: Decimal
    overpaid: Decimal
    recovered: Decimal
    is_all: bool


def allocate(amounts: Mapping[int, Decimal], *, day: date) -> dict[int, Split]:
    """Return how one payment to each of these loans is spent on a day whose interest is written; nothing is changed.

    Args:
        amounts: dollars by loan id.
        day: the payments' effective date; its row of interest is owed too (settled rule 5).
    """
    scope = Scope(list(amounts))
    with scope.cursor() as cursor:
        parameters = {"amounts": list(amounts.values()), "day": day, **scope.parameters}
        cursor.execute(_ALLOCATE, parameters)
        return {
            loan_id: Split(**dict(zip(Split.__dataclass_fields__, split, strict=True)))
            for loan_id, *split in cursor.fetchall()
        }
