"""Rules about what people must be told in time."""

from typing import Annotated

from pydantic import Field

from compliance.checks.check import OWED, Check, Parameters
from loans.models import Notice

Days = Annotated[int, Field(ge=0, le=3650)]
#: A payment that came so long ago without a notice is no longer looked for.
LOOK_BACK_DAYS = 400


class NoticeDays(Parameters):
    """So many days before the first payment at the new level, the notice is due."""

    days_before: Days = 60


# 12 CFR 1026.20(c)(2): 60 to 120 days before the first payment at the new level. The grid of resets is the loan's own
# (`loans.selectors.resets`): a reset that was never fixed, for its index was missing, needs its notice all the more.
RATE_CHANGE_NOTICE = Check(
    parameters=NoticeDays,
    select=f"""
        SELECT loan.id AS loan_id, 'loan ' || loan.number AS subject,
               payment.due_date - %(days_before)s::int AS window_start,
               (payment.due_date < %(day)s)::int AS raised,
               'no notice of the reset on ' || reset.reset_on || '; the first payment after it is due on '
                   || payment.due_date AS details
        FROM loans_variableterms terms
        JOIN loans_loan loan ON loan.id = terms.loan_id
        CROSS JOIN LATERAL (
            SELECT (terms.first_reset + make_interval(months => n * terms.reset_months))::date AS reset_on
            FROM generate_series(0, loan.term_months / terms.reset_months) n
        ) reset
        CROSS JOIN LATERAL (
            SELECT min(due_date) AS due_date FROM loans_instalment instalment
            WHERE instalment.loan_id = loan.id AND instalment.due_date > reset.reset_on
                AND instalment.superseded_on IS NULL
        ) payment
        WHERE reset.reset_on > loan.accrues_from AND payment.due_date - %(days_before)s::int < %(day)s
            AND payment.due_date > %(day)s::date - {LOOK_BACK_DAYS} AND {OWED}
            AND NOT EXISTS (
                SELECT FROM loans_notice notice WHERE notice.loan_id = loan.id
                AND notice.kind = '{Notice.Kind.RATE_CHANGE}' AND notice.about = reset.reset_on
                AND notice.noticed_on < %(day)s
            )""",
)


class WarnDays(Parameters):
    """So many days before its last day, an open dispute is a finding; after it, a worse one."""

    warn_days: Days = 5


# 15 U.S.C. 1681i(a)(1) and 1681s-2(b): 30 days from the receipt, which `Dispute.due_on` is by default.
DISPUTE_DEADLINE = Check(
    parameters=WarnDays,
    select="""
        SELECT dispute.loan_id, 'dispute ' || dispute.reference AS subject, dispute.due_on AS window_start,
               (dispute.due_on < %(day)s)::int AS raised,
               'received on ' || dispute.received_on || ', to be answered by ' || dispute.due_on AS details
        FROM compliance_dispute dispute
        WHERE dispute.received_on < %(day)s AND dispute.due_on < %(day)s::date + %(warn_days)s::int
            AND (dispute.answered_on IS NULL OR dispute.answered_on >= %(day)s)""",
)
