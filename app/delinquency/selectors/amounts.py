"""How much is past due: of each instalment what payments have not covered, and by how long it is late."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from delinquency.selectors.owed import owed
from loans.models import Transaction
from loans.selectors.past_due import PAST_DUE

Kind = Transaction.Kind

# Payments cover instalments in order, so what is missing of one is what they fall short of its `due_through`. Once
# the last one is due, all that is owed is: interest goes on after maturity, beyond the plan (settled rule 7).
_UNPAID = f"""
    WITH past_due AS MATERIALIZED (
        SELECT * FROM ({PAST_DUE}) uncovered
        WHERE %(loan_ids)s::bigint[] IS NULL OR loan_id = ANY(%(loan_ids)s)
    ),
    paid AS (
        SELECT loan_id, -sum(principal + interest) AS covered FROM loans_transaction
        WHERE kind IN ('{Kind.PAYMENT}', '{Kind.PAYMENT_REVERSAL}') AND reversal_id IS NULL
            AND effective_date < %(day)s AND loan_id IN (SELECT loan_id FROM past_due)
        GROUP BY loan_id
    ),
    planned AS (
        SELECT past_due.loan_id, number, due_date,
               least(principal + interest, greatest(0, due_through - coalesce(covered, 0))) AS unpaid,
               sum(least(principal + interest, greatest(0, due_through - coalesce(covered, 0)))) OVER earlier AS before
        FROM past_due LEFT JOIN paid ON paid.loan_id = past_due.loan_id
        WINDOW earlier AS (
            PARTITION BY past_due.loan_id ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
    ),
    matured AS (
        SELECT planned.loan_id, max(planned.number) AS number FROM planned GROUP BY planned.loan_id
        HAVING max(planned.number) = (
            SELECT max(instalment.number) FROM loans_instalment instalment
            WHERE instalment.loan_id = planned.loan_id AND instalment.superseded_on IS NULL
        )
    )
    SELECT planned.loan_id, planned.due_date,
           CASE WHEN owed.loan_id IS NULL THEN planned.unpaid
                ELSE greatest(0, owed.principal + owed.interest - coalesce(planned.before, 0)) END AS unpaid
    FROM planned
    LEFT JOIN matured ON matured.loan_id = planned.loan_id AND matured.number = planned.number
    LEFT JOIN ({owed("ARRAY(SELECT loan_id FROM matured)")}) owed ON owed.loan_id = matured.loan_id"""

_AMOUNTS = f"SELECT loan_id, sum(unpaid) FROM ({_UNPAID}) unpaid GROUP BY loan_id"

_BUCKETS = f"""
    SELECT bucket, sum(unpaid) FROM ({_UNPAID}) unpaid
    JOIN loans_loan loan ON loan.id = unpaid.loan_id
    JOIN loans_product product ON product.id = loan.product_id
    CROSS JOIN LATERAL (
        SELECT max(bound) AS bucket FROM unnest(product.bucket_bounds) bound WHERE bound <= %(day)s::date - due_date
    ) aged
    WHERE bucket IS NOT NULL GROUP BY bucket ORDER BY bucket"""


def amounts_past_due(day: date, *, loan_ids: Sequence[int] | None = None) -> dict[int, Decimal]:
    """Return what is past due on a business date, principal and interest in dollars, by loan id."""
    return _read(_AMOUNTS, day, loan_ids)


def instalment_buckets(day: date, *, loan_id: int) -> dict[int, Decimal]:
    """Return what is past due of a loan by the age of its instalments, in dollars by the first day of the bucket.

    Each instalment counts calendar days since its due date: without grace, and pauses do not stop it.
    """
    return _read(_BUCKETS, day, [loan_id])


def _read(statement: str, day: date, loan_ids: Sequence[int] | None) -> dict[Any, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"day": day, "loan_ids": None if loan_ids is None else list(loan_ids)})
        return dict(cursor.fetchall())
