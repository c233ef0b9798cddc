"""Deferred interest: what the agreed rate would have earned in a promotion, due unless all is paid by its end."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection

from common.money import to_cents_sql
from loans import formulas
from loans.models import Transaction
from loans.services.accrual_sql import stopped
from loans.services.booking import Booking, book

# The promotion's rows are priced again, period by period in the cumulative form (settled rule 8); what they did earn is
# taken off. The rows are looked up one by one: a range of days would be read for all loans. Days that earned nothing
# for another reason would have earned nothing at the agreed rate either.
_DUE = f"""
    WITH row AS (
        SELECT promo.id AS promo_id, product.day_count, product.rounding, accrual.*,
               {
    formulas.exposure(
        "accrual.principal", "promo.standard_rate", "product.day_count", formulas.weight_sql("accrual.accrual_date")
    )
} AS would_earn
        FROM loans_promo promo
        JOIN loans_loan loan ON loan.id = promo.loan_id
        JOIN loans_product product ON product.id = loan.product_id
        CROSS JOIN LATERAL generate_series(1, promo.ended_on - promo.starts_on) n
        CROSS JOIN LATERAL (
            SELECT loan_id, accrual_date, principal, period_start, period_end, period_days, amount FROM loans_accrual
            WHERE accrual_date = promo.starts_on + n AND loan_id = promo.loan_id AND component = 'interest'
                AND reversal_id IS NULL
            OFFSET 0
        ) accrual
        WHERE promo.id = ANY(%(promo_ids)s) AND NOT EXISTS (
            SELECT FROM ({stopped("accrual.accrual_date", "accrual.accrual_date - 1")}) stopped
            WHERE stopped.loan_id = accrual.loan_id
        )
    ),
    period AS (
        SELECT promo_id, loan_id, day_count, rounding, period_start, period_end, period_days,
               sum(would_earn) AS exposed, sum(amount) AS earned
        FROM row GROUP BY promo_id, loan_id, day_count, rounding, period_start, period_end, period_days
    ),
    priced AS (
        SELECT *, {formulas.interest("exposed", "period_days", "period_start", "period_end", "day_count")} AS interest
        FROM period OFFSET 0
    )
    SELECT promo_id, sum({to_cents_sql("interest", "rounding")} - earned) FROM priced
    WHERE (
        SELECT sum(principal) FROM loans_transaction movement JOIN loans_promo promo ON promo.id = priced.promo_id
        WHERE movement.loan_id = priced.loan_id AND movement.effective_date < promo.ended_on
            AND movement.reversal_id IS NULL
    ) > 0
    GROUP BY promo_id"""

_MOVEMENTS = """
    SELECT promo.loan_id, promo.ended_on AS effective_date, 0.00 AS principal, due.interest, 0.00 AS fees,
           0.00 AS overpaid, 0.00 AS recovered, 'promotion from ' || promo.starts_on AS reference
    FROM unnest(%(promo_ids)s, %(amounts)s) AS due (promo_id, interest)
    JOIN loans_promo promo ON promo.id = due.promo_id"""


def charge(*, promo_ids: Sequence[int], booking: Booking) -> dict[int, Decimal]:
    """Charge the interest that ended promotions deferred, where principal is still owed; it is forfeited elsewhere.

    Args:
        promo_ids: promotions of that kind, ended, all of whose rows of interest are written.
        booking: who books.

    Returns:
        What was charged, in dollars by promotion.

    Raises:
        PeriodClosedError: the entry's month is closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"promo_ids": list(promo_ids)})
        due = {promo_id: amount for promo_id, amount in cursor.fetchall() if amount > 0}
    if due:
        parameters = {"promo_ids": list(due), "amounts": list(due.values())}
        book(_MOVEMENTS, parameters, kind=Transaction.Kind.DEFERRED_INTEREST, booking=booking)
    return due
