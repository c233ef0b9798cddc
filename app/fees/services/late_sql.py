"""When a late fee is due on an instalment, and how much it is, as SQL."""

from common.money import to_cents_sql
from fees.models import LATE
from fees.services.assessing import ENDED, OPEN_DAY
from loans.models import Transaction

_Kind = Transaction.Kind

#: An instalment that was covered meanwhile still gets the fee of a night that was missed, for as long as missed nights
#: are caught up (`schedules.catalog`).
LOOK_BACK_DAYS = 35

# Of the instalments whose grace is over: those that are open, and those that were covered too late to be in time.
OPEN = f"""
    SELECT instalment.* FROM (
        SELECT * FROM loans_instalment
        WHERE settled_on IS NULL AND superseded_on IS NULL AND due_date < %(day)s
        UNION ALL
        SELECT * FROM loans_instalment
        WHERE settled_on >= %(day)s::date - {LOOK_BACK_DAYS} AND superseded_on IS NULL AND settled_on > due_date
    ) instalment
    JOIN loans_loan loan ON loan.id = instalment.loan_id
    JOIN loans_product product ON product.id = loan.product_id
    WHERE (%(loan_ids)s::bigint[] IS NULL OR loan.id = ANY(%(loan_ids)s))
        AND due_date + product.late_fee_grace < %(day)s
        AND (settled_on IS NULL OR settled_on > due_date + product.late_fee_grace)
        AND product.late_fee_flat + product.late_fee_rate + product.late_fee_min > 0
        AND NOT {ENDED}
        AND NOT EXISTS (
            SELECT FROM fees_fee fee WHERE fee.instalment_id = instalment.id AND fee.fee_type = '{LATE}'
            AND fee.reversed_on IS NULL
        )
        AND NOT EXISTS (
            SELECT FROM loans_forbearance forbearance WHERE forbearance.loan_id = loan.id
            AND forbearance.starts_on <= due_date + product.late_fee_grace + 1 AND forbearance.ends_on >= due_date
        )
        AND NOT EXISTS (
            SELECT FROM loans_taperow tape WHERE tape.loan_number = loan.number
            AND tape.as_of > due_date + product.late_fee_grace
        )"""


def due(instalments: str) -> str:
    """Return the SELECT of the first night on which each instalment was late, and what was missing of it then.

    Late begins after the grace; an instalment that was paid in time is late after its payment was taken back, so these
    are the nights that are looked at (settled rule 11). It is judged as if no payment had ever gone to fees: whoever
    pays each instalment in full and in time is not late because an earlier late fee is unpaid, in whatever order the
    product spends a payment (16 CFR 444.4, 12 CFR 1026.36(c)).

    Args:
        instalments: a SELECT of rows of `loans_instalment`.
    """
    return f"""
        SELECT DISTINCT ON (instalment.id) instalment.id AS instalment_id, instalment.loan_id, instalment.number,
               night.night AS due, missing.amount AS missing
        FROM ({instalments}) instalment
        JOIN loans_loan loan ON loan.id = instalment.loan_id
        JOIN loans_product product ON product.id = loan.product_id
        CROSS JOIN LATERAL (
            SELECT instalment.due_date + product.late_fee_grace + 1 AS night
            UNION
            SELECT effective_date + 1 FROM loans_transaction
            WHERE loan_id = loan.id AND kind = '{_Kind.PAYMENT_REVERSAL}' AND reversal_id IS NULL
                AND effective_date > instalment.due_date + product.late_fee_grace AND effective_date < %(day)s
        ) night
        CROSS JOIN LATERAL (
            SELECT coalesce(-sum(principal + interest + fees), 0) AS amount FROM loans_transaction
            WHERE loan_id = loan.id AND kind IN ('{_Kind.PAYMENT}', '{_Kind.PAYMENT_REVERSAL}')
                AND reversal_id IS NULL AND effective_date < night.night
        ) paid
        CROSS JOIN LATERAL (
            SELECT least(instalment.principal + instalment.interest, instalment.due_through - paid.amount) AS amount
        ) missing
        WHERE missing.amount > product.tolerance AND missing.amount >= product.late_fee_threshold
        ORDER BY instalment.id, night.night"""


_CAPPED = f"""
    SELECT late.*, loan.number AS loan_number, borrower.state,
           least(
               greatest(product.late_fee_flat + late.share, product.late_fee_min),
               product.late_fee_max, cap.max_amount, trunc(late.missing * cap.max_rate, 2)
           ) AS amount
    FROM (
        SELECT rated.*, {to_cents_sql("rated.part", "rated.rounding")} AS share FROM (
            SELECT due.*, product.rounding, due.missing * product.late_fee_rate AS part FROM ({due(OPEN)}) due
            JOIN loans_loan loan ON loan.id = due.loan_id
            JOIN loans_product product ON product.id = loan.product_id
        ) rated
    ) late
    JOIN loans_loan loan ON loan.id = late.loan_id
    JOIN loans_product product ON product.id = loan.product_id
    JOIN loans_borrower borrower ON borrower.id = loan.borrower_id
    LEFT JOIN fees_latefeecap cap ON cap.state = borrower.state"""

#: What a night assesses; a borrower without a state may be under any cap.
CANDIDATES = f"""
    SELECT loan_id, loan_number AS number, instalment_id, NULL::bigint AS definition_id, NULL::date AS period_start,
           '{LATE}' AS fee_type, {OPEN_DAY.format(due="capped.due")} AS assessed_on, amount,
           '{LATE}:' || loan_number || ':' || capped.number || ':' || capped.due AS reference,
           CASE WHEN trim(state) = '' THEN 'its borrower has no state, so that no cap is known: enter it' END AS fault
    FROM ({_CAPPED}) capped"""
