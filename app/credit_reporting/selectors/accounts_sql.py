"""The statement behind `credit_reporting.selectors.accounts`, part by part.

Payments and balances are as the books had them by the month's end; which instalments were covered goes by effective
dates, as everywhere (settled rules 1, 2 and 16).
"""

from credit_reporting.models import AccountKind
from delinquency.models import Flag
from loans.models import Closure, Forbearance, Transaction
from loans.scope import Scope
from loans.selectors.as_of import as_booked
from loans.selectors.past_due import PAST_DUE

#: What a loan's number becomes where only capital letters and digits may stand; the same for ever, as the number is.
#: Most have no signs, and looking whether there are any takes a quarter of looking for all of them.
ACCOUNT_NUMBER = """upper(
    CASE WHEN number ~ '[^[:alnum:]]' THEN regexp_replace(number, '[^[:alnum:]]', '', 'g') ELSE number END
)"""

_FULLY_PAID, _CHARGED_OFF = (f"'{reason}'" for reason in (Closure.Reason.FULLY_PAID, Closure.Reason.CHARGED_OFF))
_PAYMENTS = f"('{Transaction.Kind.PAYMENT}', '{Transaction.Kind.PAYMENT_REVERSAL}')"
_CHARGE_OFF = f"'{Transaction.Kind.CHARGE_OFF}'"

# What a number without its signs could be taken for; where none has signs, nobody is asked.
AMBIGUOUS = f"""
    SELECT account_number FROM (SELECT {ACCOUNT_NUMBER} AS account_number FROM loans_loan) told
    WHERE account_number IN (SELECT {ACCOUNT_NUMBER} FROM loans_loan WHERE number ~ '[^0-9A-Z]')
    GROUP BY account_number HAVING count(*) > 1"""

_ENDED = """
    SELECT DISTINCT ON (loan_id) loan_id, closed_on, reason FROM loans_closure
    WHERE closed_on < %(day)s AND (reopened_on IS NULL OR reopened_on >= %(day)s) {of_loan}
    ORDER BY loan_id, closed_on DESC"""

# What a later plan put another instalment in the place of was still to be paid at the end of the month.
_BEHIND = f"""
    SELECT loan_id, min(due_date) AS oldest_due, max(due_through) FILTER (WHERE due_date < %(late)s) AS late_through,
           max(number) FILTER (WHERE due_date < %(late)s) AS late_number
    FROM (
        SELECT loan_id, number, due_date, due_through FROM ({PAST_DUE}) past_due WHERE TRUE {{of_loan}}
        UNION ALL
        SELECT loan_id, number, due_date, due_through FROM loans_instalment
        WHERE superseded_on >= %(day)s AND due_date < %(day)s AND (settled_on IS NULL OR settled_on >= %(day)s)
            {{of_loan}}
    ) uncovered
    GROUP BY loan_id"""

_PAID_OFF = f"""
    SELECT ended.loan_id, min(due_date) AS oldest_due
    FROM ended JOIN loans_instalment instalment ON instalment.loan_id = ended.loan_id
        AND due_date < closed_on AND settled_on >= closed_on AND superseded_on IS NULL
    WHERE reason = {_FULLY_PAID} GROUP BY ended.loan_id"""

# Every stretch of days on which some instalment was 30 days late or more. Stretches that meet are one delinquency: on
# no day between them was the loan current.
_LATE = """
    SELECT loan_id, range_agg(stretch) AS stretches FROM (
        SELECT instalment.loan_id, datemultirange(daterange(due_date + 30, greatest(due_date + 30, until)))
                   - coalesce(covered.stretches, '{{}}') AS stretch
        FROM (
            SELECT planned.* FROM troubled CROSS JOIN LATERAL (
                SELECT id, loan_id, due_date, coalesce(settled_on, 'infinity') AS until FROM loans_instalment
                WHERE loan_id = troubled.loan_id AND superseded_on IS NULL AND due_date < %(late)s OFFSET 0
            ) planned
            UNION ALL
            SELECT id, loan_id, due_date, coalesce(settled_on, superseded_on) FROM loans_instalment
            WHERE superseded_on IS NOT NULL AND due_date < %(late)s AND loan_id IN (SELECT loan_id FROM troubled)
        ) instalment
        LEFT JOIN (
            SELECT instalment_id, range_agg(daterange(settled_on, reopened_on)) AS stretches
            FROM loans_reopening WHERE TRUE GROUP BY instalment_id
        ) covered ON covered.instalment_id = instalment.id
    ) late
    GROUP BY loan_id"""

# What payments cover, and what was charged off.
_MOVED = f"""
    SELECT loan_id, -sum(principal + interest) FILTER (WHERE kind IN {_PAYMENTS}) AS covered,
           -sum(principal + interest + fees) FILTER (WHERE kind = {_CHARGE_OFF}) AS charged_off
    FROM loans_transaction
    WHERE (kind IN {_PAYMENTS} OR kind = {_CHARGE_OFF}) AND effective_date < %(day)s AND reversal_id IS NULL {{of_loan}}
    GROUP BY loan_id"""

_PAID = """
    SELECT loan_id, max(effective_date) FILTER (WHERE taken_back_on IS NULL) AS last_on,
           coalesce(sum(amount) FILTER (WHERE posted_on >= %(start)s), 0)
               - coalesce(sum(amount) FILTER (WHERE taken_back_on >= %(start)s), 0) AS amount
    FROM (
        SELECT payment.loan_id, payment.effective_date, payment.amount, payment.posted_on,
               reversal.posted_on AS taken_back_on
        FROM payments_payment payment
        LEFT JOIN payments_paymentreversal reversal
            ON reversal.payment_id = payment.id AND reversal.posted_on < %(day)s
        WHERE payment.posted_on < %(day)s {of_loan}
    ) came_in
    GROUP BY loan_id"""


def _months(day: str) -> str:
    # Not extract: that gives numerics, with which nothing is counted as fast.
    return f"(12 * date_part('year', {day}) + date_part('month', {day}))::int"


# Due dates are on a monthly grid: each month has one instalment, whose number follows (`loans.grid`).
_OF_THE_MONTH = f"""least(
        loan.term_months, greatest(1, 1 + {_months("%(start)s::date")} - {_months("loan.first_due")})
    )"""
_PLANNED = f"""
    SELECT principal + interest AS amount FROM loans_instalment
    WHERE loan_id = loan.id AND number = {_OF_THE_MONTH} AND superseded_on IS NULL OFFSET 0"""
_REPLACED = f"""
    SELECT DISTINCT ON (loan_id) loan_id, principal + interest AS amount
    FROM loans_instalment instalment CROSS JOIN LATERAL (
        SELECT FROM loans_loan loan WHERE id = instalment.loan_id AND instalment.number = {_OF_THE_MONTH} OFFSET 0
    ) of_the_month
    WHERE superseded_on >= %(day)s {{of_loan}}
    ORDER BY loan_id, superseded_on"""

# Arrears that were deferred are due with the last instalment.
_BALLOON = f"""
    SELECT loan_id, due_date, amount
    FROM (
        SELECT DISTINCT loan_id FROM loans_forbearance
        WHERE arrears = '{Forbearance.Arrears.DEFER}' AND ended_on < %(day)s {{of_loan}}
    ) deferred
    CROSS JOIN LATERAL (
        SELECT due_date, principal + interest AS amount FROM loans_instalment
        WHERE loan_id = deferred.loan_id AND superseded_on IS NULL ORDER BY number DESC LIMIT 1
    ) last_instalment"""


def _flagged(kind: str) -> str:
    """Return what stands behind FROM to find the flags that there were on the month's last day."""
    return f"""
        delinquency_flag WHERE kind = '{kind}' AND starts_on < %(day)s AND (ends_on IS NULL OR ends_on >= %(end)s)
            {{of_loan}}"""


_BANKRUPT = f"SELECT loan_id, min(starts_on) AS starts_on FROM {_flagged(Flag.Kind.BANKRUPTCY)} GROUP BY loan_id"
_DECEASED = f"SELECT loan_id FROM {_flagged(Flag.Kind.DECEASED)}"
_FORBORNE = "SELECT loan_id FROM loans_forbearance WHERE starts_on < %(day)s AND ends_on >= %(end)s {of_loan}"
_STRUCK = """
    SELECT loan_id FROM delinquency_pause
    WHERE starts_on < %(day)s AND (resumes_on IS NULL OR resumes_on >= %(day)s) AND reason ~* 'disaster' {of_loan}"""
_DISPUTED = """
    SELECT loan_id FROM compliance_dispute
    WHERE received_on < %(day)s AND (answered_on IS NULL OR answered_on >= %(day)s) {of_loan}"""

_BEFORE = (
    "activity_month, account_status, payment_rating, payment_history_profile, date_of_first_delinquency, "
    "date_of_account_information, original_charge_off, consumer_information_indicator, compliance_condition"
)
_LAST = f"""
    SELECT loan_id, {_BEFORE} FROM credit_reporting_reportedrecord
    WHERE activity_month = %(earlier)s AND superseded_in_id IS NULL {{of_loan}}"""


def _before(column: str, otherwise: str) -> str:
    return f"coalesce(last.{column}, older.{column}, {otherwise})"


_STATUS_BEFORE = _before("account_status", "''")

_PLANNED_AMOUNT = "coalesce(replaced.amount, planned.amount, loan.payment)"
# Of a charged-off loan the books hold nothing: what the borrower owes is what was charged off and not recovered.
_OWED = f"""
    CASE ended.reason WHEN {_CHARGED_OFF} THEN moved.charged_off - booked.recovered
    ELSE booked.principal + booked.interest + booked.fees END"""
# What is 30 days late of principal and interest, with the fees; all that is owed once the last instalment is.
_LATE_AMOUNT = """CASE
        WHEN behind.late_number >= loan.term_months THEN booked.principal + booked.interest + booked.fees
        WHEN behind.late_number IS NOT NULL THEN booked.fees
            + least(booked.principal + booked.interest, behind.late_through - coalesce(moved.covered, 0))
    END"""


def _dollars(amount: str) -> str:
    """Return the expression of an amount without its cents, which are cut off; nothing, and less than that, is 0."""
    return f"trunc(greatest(0, {amount}))::bigint"  # Nothing is NULL, which `greatest` passes over.


_ACCOUNTS = f"""
    WITH ended AS MATERIALIZED ({_ENDED}),
    behind AS MATERIALIZED ({_BEHIND}),
    paid_off AS MATERIALIZED ({_PAID_OFF}),
    troubled AS MATERIALIZED (
        SELECT loan_id FROM behind WHERE oldest_due < %(late)s UNION SELECT loan_id FROM paid_off
    )
    SELECT loan.id, loan.number, taken.account_number, taken.account_number = ANY(%(ambiguous)s), borrower.identity,
           coalesce(kind.portfolio_type, '{AccountKind.Portfolio.INSTALMENT}'),
           coalesce(kind.account_type, '{AccountKind.UNSECURED}'), loan.originated_on,
           {_dollars("loan.original_principal")}, loan.term_months, {_dollars(_PLANNED_AMOUNT)},
           variable.id IS NOT NULL, {_dollars(_OWED)}, {_dollars(_LATE_AMOUNT)}, {_dollars("moved.charged_off")},
           coalesce(moved.charged_off, 0) <= booked.recovered,
           CASE ended.reason WHEN {_FULLY_PAID} THEN paid_off.oldest_due ELSE behind.oldest_due END,
           (
               SELECT lower(stretch) FROM unnest(late.stretches) stretch
               WHERE stretch @> CASE ended.reason WHEN {_FULLY_PAID} THEN closed_on - 1 ELSE %(end)s::date END
           ),
           ended.reason, ended.closed_on, paid.last_on, {_dollars("paid.amount")}, bankrupt.starts_on,
           loan.id IN ({_DECEASED}),
           loan.id IN ({_FORBORNE}), loan.id IN ({_STRUCK}), loan.id IN ({_DISPUTED}),
           balloon.due_date, {_dollars(f"CASE WHEN balloon.amount > {_PLANNED_AMOUNT} THEN balloon.amount END")},
           {_before("activity_month", "NULL")}, {_STATUS_BEFORE},
           {_before("payment_rating", "''")}, {_before("payment_history_profile", "''")},
           {_before("date_of_first_delinquency", "NULL")}, {_before("date_of_account_information", "NULL")},
           {_before("original_charge_off", "0")}, {_before("consumer_information_indicator", "''")},
           {_before("compliance_condition", "''")}
    FROM loans_loan loan
    CROSS JOIN LATERAL (SELECT * FROM loans_borrower WHERE id = loan.borrower_id OFFSET 0) borrower
    JOIN ({{booked}}) booked ON booked.loan_id = loan.id
    CROSS JOIN LATERAL (SELECT {ACCOUNT_NUMBER} AS account_number OFFSET 0) taken
    LEFT JOIN credit_reporting_accountkind kind ON kind.product_id = loan.product_id
    LEFT JOIN loans_variableterms variable ON variable.loan_id = loan.id
    LEFT JOIN ended ON ended.loan_id = loan.id
    LEFT JOIN behind ON behind.loan_id = loan.id
    LEFT JOIN paid_off ON paid_off.loan_id = loan.id
    LEFT JOIN ({_LATE}) late ON late.loan_id = loan.id
    LEFT JOIN ({_MOVED}) moved ON moved.loan_id = loan.id
    LEFT JOIN ({_PAID}) paid ON paid.loan_id = loan.id
    LEFT JOIN LATERAL ({_PLANNED}) planned ON TRUE
    LEFT JOIN ({_REPLACED}) replaced ON replaced.loan_id = loan.id
    LEFT JOIN ({_BALLOON}) balloon ON balloon.loan_id = loan.id
    LEFT JOIN ({_BANKRUPT}) bankrupt ON bankrupt.loan_id = loan.id
    LEFT JOIN ({_LAST}) last ON last.loan_id = loan.id
    LEFT JOIN LATERAL (
        SELECT {_BEFORE} FROM credit_reporting_reportedrecord record
        WHERE last.loan_id IS NULL AND record.loan_id = loan.id AND record.activity_month < %(earlier)s
            AND record.superseded_in_id IS NULL
        ORDER BY activity_month DESC LIMIT 1
    ) older ON TRUE
    WHERE loan.originated_on < %(day)s AND loan.accrues_from < %(day)s {{of_id}}
        AND CASE ended.reason
            WHEN {_FULLY_PAID} THEN ended.closed_on >= %(start)s OR {_STATUS_BEFORE} NOT IN ('', '13', '64')
            WHEN {_CHARGED_OFF} THEN {_STATUS_BEFORE} <> '64' OR booked.recovered < moved.charged_off
            ELSE booked.principal + booked.interest + booked.fees > 0 OR {_STATUS_BEFORE} <> ''
        END
    ORDER BY loan.id"""


def accounts_sql(scope: Scope) -> str:
    """Return the SELECT of the columns of `Account`, of all reportable loans or of those of a scope.

    It takes `day` (the 1st after the month), `end` (the day before), `start` (the month's first), `late` (30 days
    before `day`), `earlier` (the first of the month before), `due_at` (NULL), `ambiguous` (the account numbers that
    `AMBIGUOUS` finds), and the scope's parameters.
    """
    of_loan = scope.of("loan_id")
    return _ACCOUNTS.format(of_loan=of_loan, of_id=scope.of("loan.id"), booked=as_booked(scope))
