"""What loans owe by what is posted, as SQL."""

from loans.selectors.balances import ACCRUED


def owed(loan_ids: str, *, moved_before: str = "%(day)s") -> str:
    """Return the SELECT of loan_id, principal, interest and fees owed; interest through the row of `%(day)s`.

    Args:
        loan_ids: the expression of an array of loans.
        moved_before: movements effective before this date count.
    """
    return f"""
        SELECT loan.id AS loan_id, coalesce(moved.principal, 0) AS principal,
               coalesce(moved.interest, 0) + coalesce(accrued.total, 0) AS interest, coalesce(moved.fees, 0) AS fees
        FROM loans_loan loan
        LEFT JOIN (
            SELECT loan_id, sum(principal) AS principal, sum(interest) AS interest, sum(fees) AS fees
            FROM loans_transaction
            WHERE loan_id = ANY({loan_ids}) AND effective_date < {moved_before} AND reversal_id IS NULL
            GROUP BY loan_id
        ) moved ON moved.loan_id = loan.id
        LEFT JOIN ({ACCRUED} WHERE loan.id = ANY({loan_ids})) accrued ON accrued.loan_id = loan.id
        WHERE loan.id = ANY({loan_ids})"""
