"""What stood on each loan in the books as of a night, whenever it is asked: for what runs late, and states the past."""

from ledger.selectors import IS_BOOKED
from loans.scope import Scope
from loans.selectors.balances import accrued

#: The newest day that has rows of interest.
_NEWEST = "(SELECT max(accrual_date) FROM loans_accrual WHERE reversal_id IS NULL)"

#: The kinds of the entries that rows of interest belong to, both those that wrote them and those that reversed them.
_OF_INTEREST = "starts_with(kind, 'interest-accrual')"


def as_booked(scope: Scope | None = None) -> str:
    """Return the SELECT of loan_id, principal, interest, fees, overpaid and recovered of every loan, as booked.

    A row of the sub-ledger counts when its entry is booked as of the night `%(day)s` and `%(due_at)s`
    (`ledger.selectors.IS_BOOKED`), and the other way when the entry is that reversed it. So the sums over all loans are
    those of the general ledger's control accounts as booked. A loan that was boarded later has zeros.

    Years of rows are not added up, but what stands now is taken back to then: less what was booked since, plus what
    was reversed since. What stands of interest now, a loan's last row tells alone (`loans.models.Accrual.accrued`).

    Args:
        scope: the loans; all when none are named. Its parameters are the statement's, besides `day` and `due_at`.
    """
    of = (scope or Scope()).of
    return f"""
        WITH since AS MATERIALIZED (
            SELECT id, {_OF_INTEREST} AS of_interest FROM ledger_journalentry
            WHERE entry_date >= %(day)s AND NOT {IS_BOOKED}
        ),
        moved AS (
            SELECT loan_id, principal, interest, fees, overpaid, recovered
            FROM loans_transaction WHERE reversal_id IS NULL {of("loan_id")}
            UNION ALL
            SELECT loan_id, -principal, -interest, -fees, -overpaid, -recovered
            FROM since JOIN loans_transaction ON entry_id = since.id WHERE NOT of_interest {of("loan_id")}
            UNION ALL
            SELECT loan_id, principal, interest, fees, overpaid, recovered
            FROM since JOIN loans_transaction ON reversal_id = since.id WHERE NOT of_interest {of("loan_id")}
        ),
        newest AS MATERIALIZED (
            SELECT loan_id, accrued FROM loans_accrual WHERE accrual_date = {_NEWEST}
                AND component = 'interest' AND reversal_id IS NULL {of("loan_id")}
        ),
        earned AS (
            SELECT loan_id, accrued AS interest FROM newest
            UNION ALL
            SELECT loan_id, total FROM (
                {accrued(_NEWEST)}
                WHERE NOT EXISTS (SELECT FROM newest WHERE newest.loan_id = loan.id) {of("loan.id")}
            ) ended_or_behind
            UNION ALL
            SELECT loan_id, -amount FROM since CROSS JOIN LATERAL (
                SELECT loan_id, amount FROM loans_accrual WHERE entry_id = since.id {of("loan_id")} OFFSET 0
            ) written WHERE of_interest
            UNION ALL
            SELECT loan_id, amount FROM since CROSS JOIN LATERAL (
                SELECT loan_id, amount FROM loans_accrual WHERE reversal_id = since.id {of("loan_id")} OFFSET 0
            ) reversed WHERE of_interest
        )
        SELECT loan.id AS loan_id, coalesce(movements.principal, 0) AS principal,
               coalesce(movements.interest, 0) + coalesce(accruals.interest, 0) AS interest,
               coalesce(movements.fees, 0) AS fees, coalesce(movements.overpaid, 0) AS overpaid,
               coalesce(movements.recovered, 0) AS recovered
        FROM loans_loan loan
        LEFT JOIN (
            SELECT loan_id, sum(principal) AS principal, sum(interest) AS interest, sum(fees) AS fees,
                   sum(overpaid) AS overpaid, sum(recovered) AS recovered FROM moved GROUP BY loan_id
        ) movements ON movements.loan_id = loan.id
        LEFT JOIN (
            SELECT loan_id, sum(interest) AS interest FROM earned GROUP BY loan_id
        ) accruals ON accruals.loan_id = loan.id
        WHERE TRUE {of("loan.id")}"""


#: The same of all loans.
AS_BOOKED = as_booked()
