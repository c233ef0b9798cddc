"""Rules about what borrowers are charged, and what is drafted from their accounts."""

from compliance.checks.check import Check
from fees.models import LATE

#: What happened so long ago is no longer looked for.
LOOK_BACK_DAYS = 400

# Neither taken back nor waived.
_CHARGED = """fee.assessed_on < %(day)s AND fee.reversed_on IS NULL AND NOT EXISTS (
            SELECT FROM payments_waiver waiver WHERE waiver.loan_id = fee.loan_id AND waiver.fee = fee.reference
            AND waiver.waived_on < %(day)s
        )"""

# Sent, accepted, and not come back: money that was taken.
_TAKEN = """attempt.skipped = '' AND attempt.rejected = '' AND attempt.decided_on < %(day)s AND NOT EXISTS (
            SELECT FROM payments_attemptreturn returned WHERE returned.attempt_id = attempt.id
            AND returned.returned_on < %(day)s
        )"""

# 12 CFR 1041.8(b): after two drafts in a row that failed, none without a new authorisation, counted over all covered
# loans of the consumer.
DRAFTS_AFTER_FAILURES = Check(
    select=f"""
        SELECT attempt.loan_id, 'draft of ' || attempt.number || ' due ' || attempt.due_date AS subject,
               attempt.decided_on AS window_start, 0 AS raised,
               'decided on ' || attempt.decided_on || ', after drafts that came back on ' || attempt.first_failure
                   || ' and ' || attempt.second_failure || ' and without a new authorisation' AS details
        FROM (
            SELECT attempt.*, loan.id AS loan_id, loan.number, autopay.authorised_on,
                   lag(returned.returned_on, 2) OVER drafts AS first_failure,
                   lag(returned.returned_on, 1) OVER drafts AS second_failure
            FROM payments_autopay autopay
            JOIN loans_loan loan ON loan.id = autopay.loan_id
            JOIN payments_attempt attempt ON attempt.autopay_id = autopay.id
            LEFT JOIN payments_attemptreturn returned ON returned.attempt_id = attempt.id
            WHERE autopay.covered AND attempt.skipped = '' AND attempt.decided_on < %(day)s
                AND attempt.decided_on > %(day)s::date - {LOOK_BACK_DAYS}
            WINDOW drafts AS (PARTITION BY loan.borrower_id ORDER BY attempt.effective_on, attempt.id)
        ) attempt
        WHERE attempt.first_failure < attempt.decided_on AND attempt.second_failure < attempt.decided_on
            AND attempt.authorised_on <= attempt.second_failure AND {_TAKEN}""",
)

# The automatic stay (11 U.S.C. 362(a)) begins with the petition: also what was charged before we knew of it.
BANKRUPTCY_STAY = Check(
    select=f"""
        SELECT loan.id AS loan_id, charged.what AS subject, charged.day AS window_start, 0 AS raised,
               'loan ' || loan.number || ' is in bankruptcy since ' || flag.starts_on AS details
        FROM delinquency_flag flag
        JOIN loans_loan loan ON loan.id = flag.loan_id
        CROSS JOIN LATERAL (
            SELECT 'fee ' || fee.reference AS what, fee.assessed_on AS day FROM fees_fee fee
            WHERE fee.loan_id = loan.id AND {_CHARGED}
            UNION ALL
            SELECT 'draft of ' || loan.number || ' due ' || attempt.due_date, attempt.decided_on
            FROM payments_autopay autopay JOIN payments_attempt attempt ON attempt.autopay_id = autopay.id
            WHERE autopay.loan_id = loan.id AND {_TAKEN}
        ) charged
        WHERE flag.kind = 'bankruptcy' AND flag.starts_on < %(day)s
            AND charged.day BETWEEN flag.starts_on AND coalesce(flag.ends_on, 'infinity'::date)""",
)

# A cap that was entered, or a state that was corrected, after the fee. What of the instalment was past due is not kept:
# its whole amount is the most that it can have been.
LATE_FEE_CAP = Check(
    select=f"""
        SELECT fee.loan_id, 'fee ' || fee.reference AS subject, fee.assessed_on AS window_start, 0 AS raised,
               'is ' || fee.amount || '; ' || cap.state || ' allows ' || cap.most AS details
        FROM fees_fee fee
        JOIN loans_loan loan ON loan.id = fee.loan_id
        JOIN loans_borrower borrower ON borrower.id = loan.borrower_id
        JOIN loans_instalment instalment ON instalment.id = fee.instalment_id
        CROSS JOIN LATERAL (
            SELECT state, least(max_amount, trunc((instalment.principal + instalment.interest) * max_rate, 2)) AS most
            FROM fees_latefeecap WHERE state = borrower.state
        ) cap
        WHERE fee.fee_type = '{LATE}' AND fee.amount > cap.most AND {_CHARGED}
            AND fee.assessed_on > %(day)s::date - {LOOK_BACK_DAYS}""",
)
