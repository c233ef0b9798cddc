"""Scheduled fees: one for every period of a definition, on the period's first day."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from common.money import to_cents_sql
from common.outcomes import Outcome
from fees.services.assessing import ENDED, OPEN_DAY, Assessment
from loans.services.booking import Booking

#: A period that has no fee gets it this long after its first day: three months may be missed.
LOOK_BACK_DAYS = 100

_DEFINITIONS = f"""
    SELECT definition.*, EXISTS (
               SELECT FROM fees_feedefinition other WHERE other.id <> definition.id AND other.code = definition.code
               AND (other.loan_id = definition.loan_id OR other.product_id = definition.product_id)
               AND other.starts_on <= coalesce(definition.ends_on, 'infinity')
               AND definition.starts_on <= coalesce(other.ends_on, 'infinity')
           ) AS is_ambiguous
    FROM fees_feedefinition definition
    WHERE starts_on <= %(day)s AND (ends_on IS NULL OR ends_on >= %(day)s::date - {LOOK_BACK_DAYS})"""

_COLUMNS = """
    loan.id AS loan_id, loan.number, definition.id AS definition_id, definition.loan_id IS NULL AS is_of_product,
    definition.code, definition.amount, definition.every_months, definition.prorates, definition.starts_on,
    definition.ends_on, definition.is_ambiguous, coalesce(definition.anchor, loan.originated_on) AS anchor,
    greatest(definition.starts_on, loan.originated_on, tape.as_of) AS begins"""

# The definitions that each loan is under. It pays from when it began or came to us.
_UNDER = f"""
    WITH definition AS MATERIALIZED ({_DEFINITIONS})
    SELECT {_COLUMNS} FROM definition JOIN loans_loan loan ON loan.product_id = definition.product_id
    LEFT JOIN loans_taperow tape ON tape.loan_number = loan.number
    WHERE (%(loan_ids)s::bigint[] IS NULL OR loan.id = ANY(%(loan_ids)s)) AND NOT {ENDED}
    UNION ALL
    SELECT {_COLUMNS} FROM definition JOIN loans_loan loan ON loan.id = definition.loan_id
    LEFT JOIN loans_taperow tape ON tape.loan_number = loan.number
    WHERE (%(loan_ids)s::bigint[] IS NULL OR loan.id = ANY(%(loan_ids)s)) AND NOT {ENDED}"""

# The periods that may have begun within the look-back: counted in months from the anchor, so that they never drift.
# OFFSET 0 keeps Postgres from writing a column's expression out wherever it is used.
_PERIODS = f"""
    SELECT period.*, greatest(starts, begins) AS due FROM (
        SELECT counted.*, (anchor + make_interval(months => (newest - back) * every_months))::date AS starts,
               (anchor + make_interval(months => (newest - back + 1) * every_months))::date AS ends
        FROM (
            SELECT under.*, (
                       12 * (extract(year FROM %(day)s::date)::int - extract(year FROM anchor)::int)
                       + extract(month FROM %(day)s::date)::int - extract(month FROM anchor)::int
                   ) / every_months AS newest
            FROM ({_UNDER}) under OFFSET 0
        ) counted
        CROSS JOIN generate_series(0, {LOOK_BACK_DAYS // 28 + 1}) back OFFSET 0
    ) period
    WHERE ends > begins AND (starts >= begins OR prorates) AND starts <= %(day)s"""

_DUE = f"""
    SELECT *, amount * (ends - due) / (ends - starts) AS share FROM ({_PERIODS}) period
    WHERE due <= %(day)s AND due > %(day)s::date - {LOOK_BACK_DAYS} AND (ends_on IS NULL OR due <= ends_on)
        AND NOT EXISTS (
            SELECT FROM fees_fee fee WHERE fee.loan_id = period.loan_id AND fee.definition_id = period.definition_id
            AND fee.period_start = period.due
        )
        AND NOT (is_of_product AND EXISTS (
            SELECT FROM fees_feedefinition own WHERE own.loan_id = period.loan_id AND own.code = period.code
            AND own.starts_on <= period.due AND (own.ends_on IS NULL OR own.ends_on >= period.due)
        ))"""

#: What a night assesses.
CANDIDATES = f"""
    SELECT loan_id, number, NULL::bigint AS instalment_id, definition_id, due AS period_start, code AS fee_type,
           {OPEN_DAY.format(due="scheduled.due")} AS assessed_on, {to_cents_sql("share")} AS amount,
           code || ':' || number || ':' || due AS reference,
           CASE WHEN is_ambiguous THEN 'two definitions of the fee ' || code || ' apply to it at a time: end one' END
               AS fault
    FROM ({_DUE}) scheduled"""


@transaction.atomic
def assess_scheduled_fees(
    *,
    business_date: date,
    run_id: int | None = None,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Assess the fee of every period that has begun by the business date and has none yet.

    A loan that ended before the business date pays nothing more. One that is under two definitions of a fee at a time
    is left out.

    Args:
        business_date: D, on which a period that begins on it is assessed.
        run_id: the run that books.
        due_at: when its window was due; none when done by hand.
        only: the numbers of the loans to do; None means all.

    Raises:
        PeriodClosedError: the month of the business date is closed.
    """
    booking = Booking(entry_date=business_date, run_id=run_id, due_at=due_at)
    return Assessment(candidates=CANDIDATES, booking=booking, only=only).run()
