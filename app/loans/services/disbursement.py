"""More principal on a loan that runs: paid out, and spread over the instalments to come."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from loans.exceptions import BadTermsError
from loans.models import Transaction
from loans.selectors.running import running_loan
from loans.services.booking import Booking, book_one
from loans.services.correction import change_past
from loans.services.plan import Fresh, replan


@transaction.atomic
def disburse(
    *, loan_number: str, amount: Decimal, effective_date: date, booking: Booking, reference: str = ""
) -> Decimal | None:
    """Pay out more principal, and make the instalments to come level again.

    Args:
        loan_number: the loan.
        amount: dollars.
        effective_date: the day it was paid out; the next day's interest is the first on it.
        booking: who books, and on which business date.
        reference: the payout's own.

    Returns:
        The new level payment; None when no instalment is to come.

    Raises:
        NoSuchLoanError, LoanEndedError: there is no such loan, or no more.
        BadTermsError: the amount or the date cannot be.
        CannotAccrueError, PeriodClosedError: as `reprice` and `book_one`.
    """
    loan = running_loan(loan_number)
    if amount <= 0 or amount != round(amount, 2):
        raise BadTermsError(loan_number, f"{amount} is not an amount in dollars and cents above 0")
    if effective_date > booking.entry_date or (loan.accrues_from and effective_date < loan.accrues_from):
        raise BadTermsError(
            loan_number, f"{effective_date} is not a day between {loan.accrues_from} and {booking.entry_date}"
        )
    book_one(
        loan_id=loan.pk,
        kind=Transaction.Kind.DISBURSEMENT,
        effective_date=effective_date,
        principal=amount,
        reference=reference,
        booking=booking,
    )
    change_past(loan_ids=[loan.pk], after=effective_date, booking=booking)
    payments = replan(
        loan_ids=[loan.pk],
        since=booking.entry_date,
        as_of=booking.entry_date,
        planned_on=booking.entry_date,
        fresh=Fresh(on=effective_date, amounts={loan.pk: amount}),
    )
    return payments.get(loan.pk)
