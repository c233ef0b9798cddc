"""Taking payments back: on a date of its own, by mirrored movements; nothing is deleted."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from loans.services.booking import Booking
from payments.exceptions import AlreadyReversedError, BadEffectiveDateError, UnknownPaymentError
from payments.models import Payment, PaymentReversal
from payments.services.effects import Item
from payments.services.timeline import put


@transaction.atomic
def reverse_payment(
    *,
    reference: str,
    reason: str,
    booking: Booking,
    effective_date: date | None = None,
    posted_by: str = "",
) -> PaymentReversal:
    """Take a payment back; the caller has the tenant's books to itself (`common.books.books_transaction`).

    A loan that it had closed goes on. Taking back the same payment for the same reason again changes nothing.

    Args:
        reference: the payment's.
        reason: a return code, or what people say.
        booking: who books; its entry date is the business date.
        effective_date: the day it counts for, the business date by default; an earlier one replays what came after.
        posted_by: who says so.

    Raises:
        UnknownPaymentError, AlreadyReversedError: there is nothing to take back.
        BadEffectiveDateError: the date is in the future, or before the payment's.
        PeriodClosedError: the month of the business date is closed.
    """
    payment = Payment.objects.filter(reference=reference).first()
    if payment is None:
        raise UnknownPaymentError(reference)
    reversal = PaymentReversal(
        payment=payment,
        effective_date=effective_date or booking.entry_date,
        reason=reason,
        posted_on=booking.entry_date,
        posted_by=posted_by,
        due_at=booking.due_at,
    )
    if first := PaymentReversal.objects.filter(payment=payment).first():
        return _same(first, reversal)
    _check_date(reversal)
    reverse_payments([reversal], booking=booking)
    return reversal


@transaction.atomic
def reverse_payments(reversals: Sequence[PaymentReversal], *, booking: Booking) -> None:
    """Take back payments that were not taken back before, in a handful of statements however many they are.

    Args:
        reversals: not yet saved.
        booking: who books.
    """
    PaymentReversal.objects.bulk_create(reversals)
    put([_item(reversal) for reversal in reversals], booking=booking)


def _item(reversal: PaymentReversal) -> Item:
    payment = reversal.payment
    return Item(loan_id=payment.loan_id, effective_date=reversal.effective_date, reference=payment.reference)


def _same(first: PaymentReversal, again: PaymentReversal) -> PaymentReversal:
    if (first.effective_date, first.reason) != (again.effective_date, again.reason):
        raise AlreadyReversedError(again.payment.reference, first.effective_date.isoformat(), first.reason)
    return first


def _check_date(reversal: PaymentReversal) -> None:
    day, payment = reversal.effective_date, reversal.payment
    if day > reversal.posted_on:
        raise BadEffectiveDateError(day.isoformat(), f"today is {reversal.posted_on}, and nothing is posted ahead")
    if day < payment.effective_date:
        raise BadEffectiveDateError(day.isoformat(), f"the payment itself counts from {payment.effective_date}")
