"""Loans that have not ended: the only ones for which something new can be agreed."""

from loans.exceptions import LoanEndedError, NoSuchLoanError
from loans.models import Closure, Loan


def running_loan(number: str) -> Loan:
    """Return the loan with this number.

    Raises:
        NoSuchLoanError: no loan has it.
        LoanEndedError: the loan was paid or charged off.
    """
    loan = Loan.objects.filter(number=number).first()
    if loan is None:
        raise NoSuchLoanError(number)
    if end := Closure.objects.filter(loan=loan, reopened_on=None).first():
        raise LoanEndedError(number, end.reason, end.closed_on.isoformat())
    return loan
