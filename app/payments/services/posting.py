"""Posting payments: by hand one at a time, by the night any number at once."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from common.money import CENT, CURRENCY
from loans.exceptions import NoSuchLoanError
from loans.models import Closure, Loan
from loans.services.booking import Booking
from payments.exceptions import (
    BadAmountError,
    BadEffectiveDateError,
    CurrencyMismatchError,
    LoanClosedError,
    ReferenceUsedError,
)
from payments.models import Payment
from payments.services.effects import Item
from payments.services.timeline import put


@transaction.atomic
def post_payment(
    *,
    loan_number: str,
    amount: Decimal,
    reference: str,
    booking: Booking,
    effective_date: date | None = None,
    currency: str = CURRENCY,
    posted_by: str = "",
) -> Payment:
    """Post a payment; the caller has the tenant's books to itself (`common.books.books_transaction`).

    Args:
        loan_number: whose.
        amount: dollars and whole cents.
        reference: the idempotency key: the same payment posted again changes nothing, and is returned.
        booking: who books; its entry date is the business date.
        effective_date: the day it counts for, the business date by default; an earlier one replays what came after.
        currency: its code.
        posted_by: who says so.

    Raises:
        NoSuchLoanError, BadAmountError, CurrencyMismatchError, BadEffectiveDateError: it cannot be.
        LoanClosedError: the loan was fully paid by then.
        ReferenceUsedError: the reference is that of another payment.
        NotAccruedError: the loan's interest up to the date cannot be computed.
        PeriodClosedError: the month of the business date is closed.
    """
    loan = _loan(loan_number)
    _check_amount(amount, currency)
    payment = Payment(
        reference=reference,
        loan=loan,
        amount=amount,
        effective_date=effective_date or booking.entry_date,
        posted_on=booking.entry_date,
        posted_by=posted_by,
        due_at=booking.due_at,
    )
    if first := Payment.objects.filter(reference=reference).first():
        return _same(first, payment)
    _check_date(payment)
    post_payments([payment], booking=booking)
    return payment


@transaction.atomic
def post_payments(payments: Sequence[Payment], *, booking: Booking) -> None:
    """Post payments that were checked, each of a new reference, in a handful of statements however many they are.

    Args:
        payments: not yet saved.
        booking: who books.

    Raises:
        NotAccruedError, PeriodClosedError: as `post_payment`.
    """
    Payment.objects.bulk_create(payments)
    put([_item(payment) for payment in payments], booking=booking)


def _item(payment: Payment) -> Item:
    return Item(
        loan_id=payment.loan_id,
        effective_date=payment.effective_date,
        reference=payment.reference,
        amount=payment.amount,
    )


def _loan(number: str) -> Loan:
    loan = Loan.objects.filter(number=number).first()
    if loan is None:
        raise NoSuchLoanError(number)
    return loan


def _check_amount(amount: Decimal, currency: str) -> None:
    if currency != CURRENCY:
        raise CurrencyMismatchError(currency, CURRENCY)
    if not amount.is_finite() or amount <= 0 or amount != amount.quantize(CENT):
        raise BadAmountError(amount)


def _same(first: Payment, again: Payment) -> Payment:
    """Return the first payment of a reference if the other one says the same."""
    for field in ("loan_id", "amount", "effective_date", "source"):
        if getattr(first, field) != getattr(again, field):
            raise ReferenceUsedError(first.reference, _told(first))
    return first


def _told(payment: Payment) -> str:
    return f"{payment.amount} for loan {payment.loan} on {payment.effective_date}"


def _check_date(payment: Payment) -> None:
    loan, day = payment.loan, payment.effective_date
    if day > payment.posted_on:
        raise BadEffectiveDateError(day.isoformat(), f"today is {payment.posted_on}, and nothing is posted ahead")
    if loan.accrues_from and day < loan.accrues_from:
        raise BadEffectiveDateError(day.isoformat(), f"loan {loan} is on our books since {loan.accrues_from}")
    end = Closure.objects.filter(loan=loan, reopened_on=None).first()
    if end is None:
        return
    if end.reason == Closure.Reason.FULLY_PAID and day >= end.closed_on:
        raise LoanClosedError(loan.number, end.closed_on.isoformat())
    if end.reason == Closure.Reason.CHARGED_OFF and day < end.closed_on:
        hint = f"loan {loan} was charged off on {end.closed_on}, and what comes in since is recovered on a later date"
        raise BadEffectiveDateError(day.isoformat(), hint)
