"""What we ask for no longer: fees and interest waived, as movements of their own."""

from decimal import Decimal

from django.db import transaction

from common.money import CENT, ZERO
from loans.models import Closure, Loan, Transaction
from loans.selectors import Balances, balances
from loans.selectors.running import running_loan
from loans.services import closing, coverage
from loans.services.booking import Booking, book_one
from payments.exceptions import BadAmountError, NotAccruedError, NothingToWaiveError, UnknownFeeError
from payments.models import Waiver
from payments.services.effects import interest_through

Kind = Transaction.Kind


@transaction.atomic
def waive_fee(*, fee: str, reason: str, booking: Booking, amount: Decimal | None = None, posted_by: str = "") -> Waiver:
    """Waive a fee or a part of it: it was assessed, and is not asked for (a waived fee is not assessed again).

    Args:
        fee: its reference.
        reason: why.
        booking: who books; the waiver counts on its entry date.
        amount: dollars; all that is unpaid of it by default.
        posted_by: who says so.

    Raises:
        UnknownFeeError, LoanEndedError: there is nothing to waive.
        BadAmountError, NothingToWaiveError: not that much is owed.
        PeriodClosedError: the entry's month is closed.
    """
    assessed = Transaction.objects.filter(kind=Kind.FEE, reference=fee, reversal=None).select_related("loan").first()
    if assessed is None:
        raise UnknownFeeError(fee)
    loan = running_loan(assessed.loan.number)
    owed = min(_left_of(assessed), _standing(loan, booking).fees)
    waived = _checked(f"fee {fee}", amount or owed, owed)
    return _waive(loan, booking, Waiver(fee=fee, fees=waived, reason=reason, posted_by=posted_by))


@transaction.atomic
def waive_interest(*, loan_number: str, amount: Decimal, reason: str, booking: Booking, posted_by: str = "") -> Waiver:
    """Waive interest that is owed; the arguments, errors and effects are those of `waive_fee`."""
    loan = running_loan(loan_number)
    waived = _checked(f"loan {loan_number}", amount, _standing(loan, booking).interest)
    return _waive(loan, booking, Waiver(interest=waived, reason=reason, posted_by=posted_by))


def _left_of(assessed: Transaction) -> Decimal:
    """Return what was neither waived nor reversed of a fee."""
    kinds = (Kind.FEE, Kind.WAIVER, Kind.FEE_REVERSAL)
    its = Transaction.objects.filter(reference=assessed.reference, loan=assessed.loan, kind__in=kinds, reversal=None)
    return sum((one.fees for one in its), ZERO)


def _checked(what: str, amount: Decimal, owed: Decimal) -> Decimal:
    if amount > owed or not owed:
        raise NothingToWaiveError(what, amount, owed)
    if not amount.is_finite() or amount <= 0 or amount != amount.quantize(CENT):
        raise BadAmountError(amount)
    return amount


def _standing(loan: Loan, booking: Booking) -> Balances:
    """Return what is owed at the close of the business date."""
    with interest_through(booking.entry_date, [loan.pk]) as lacking:
        for bad in lacking:
            raise NotAccruedError(bad.key, bad.reason)
        return balances(booking.entry_date, [loan.pk])[loan.pk]


def _waive(loan: Loan, booking: Booking, waiver: Waiver) -> Waiver:
    """Book a waiver, and end the loan if nothing is owed any more."""
    day = waiver.waived_on = booking.entry_date
    waiver.loan = loan
    waiver.save()
    book_one(
        loan_id=loan.pk,
        kind=Kind.WAIVER,
        effective_date=day,
        booking=booking,
        interest=-waiver.interest,
        fees=-waiver.fees,
        reference=waiver.fee,
    )
    if _standing(loan, booking).owed == ZERO:
        closing.close(loan_ids=[loan.pk], closed_on=day, reason=Closure.Reason.FULLY_PAID, booking=booking)
        coverage.settle(loan_ids=[loan.pk], since=day)
    return waiver
