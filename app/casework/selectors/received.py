"""Payments as promises and plans count them: what came in for a loan, as a night knows it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import connection

from loans.models import Closure, Transaction


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A payment that was not taken back.

    Args:
        reference: the payment's.
        effective_date: the day it counts for.
        amount: in dollars.
        is_booked: whether the sub-ledger has it, with that amount.
    """

    reference: str
    effective_date: date
    amount: Decimal
    is_booked: bool


@dataclass(frozen=True, kw_only=True)
class Account:
    """What came in for a loan.

    Args:
        receipts: the payments, in their order.
        paid_off_on: the day on which nothing was owed any more; None while something is.
    """

    receipts: Sequence[Receipt]
    paid_off_on: date | None

    @property
    def unbooked(self) -> str:
        """The reference of a payment that the sub-ledger does not have, or empty."""
        return next((one.reference for one in self.receipts if not one.is_booked), "")


# Rows of the night carry when their window was due, so that a night that runs late does not see those of a later one;
# rows of people count by their date alone (settled rule 1).
_KNOWN = "{0}.effective_date < %(day)s AND ({0}.due_at IS NULL OR {0}.due_at < %(seen_before)s)"

_RECEIPTS = f"""
    SELECT payment.loan_id, payment.reference, payment.effective_date, payment.amount,
           payment.amount = coalesce(booked.amount, 0) AS is_booked
    FROM payments_payment payment
    LEFT JOIN LATERAL (
        SELECT sum(overpaid + recovered - principal - interest - fees) AS amount FROM loans_transaction movement
        WHERE movement.reference = payment.reference AND movement.reference <> ''
            AND movement.loan_id = payment.loan_id AND movement.kind = '{Transaction.Kind.PAYMENT}'
            AND movement.reversal_id IS NULL
    ) booked ON TRUE
    WHERE payment.loan_id = ANY(%(loan_ids)s) AND {_KNOWN.format("payment")} AND NOT EXISTS (
        SELECT FROM payments_paymentreversal reversal
        WHERE reversal.payment_id = payment.id AND {_KNOWN.format("reversal")}
    )
    ORDER BY payment.loan_id, payment.effective_date, payment.id"""

#: The condition that a payment of a loan, or its reversal, became known on a date or later, and by the night.
CHANGED_SINCE = f"""
    EXISTS (
        SELECT FROM payments_payment payment
        LEFT JOIN payments_paymentreversal reversal ON reversal.payment_id = payment.id
        WHERE payment.loan_id = {{loan_id}} AND (
            (payment.posted_on >= {{since}} AND {_KNOWN.format("payment")})
            OR (reversal.posted_on >= {{since}} AND {_KNOWN.format("reversal")})
        )
    )"""


def night_parameters(business_date: date, due_at: datetime | None) -> dict[str, Any]:
    """Return what statements take that look at payments as a night does.

    Args:
        business_date: D; payments effective before it count.
        due_at: when the run's window was due; by hand, what windows of earlier dates wrote is known.
    """
    return {"day": business_date, "seen_before": due_at or datetime.combine(business_date, time(), UTC)}


def accounts(loan_ids: Sequence[int], *, business_date: date, due_at: datetime | None) -> Mapping[int, Account]:
    """Return what came in for loans, by loan id, as a night knows it.

    Args:
        loan_ids: the loans.
        business_date: D.
        due_at: when the run's window was due; none by hand.
    """
    receipts = defaultdict[int, list[Receipt]](list)
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPTS, {"loan_ids": list(loan_ids), **night_parameters(business_date, due_at)})
        for loan_id, reference, effective_date, amount, is_booked in cursor.fetchall():
            receipt = Receipt(reference=reference, effective_date=effective_date, amount=amount, is_booked=is_booked)
            receipts[loan_id].append(receipt)
    ends = _paid_off(loan_ids, business_date)
    return {loan_id: Account(receipts=receipts[loan_id], paid_off_on=ends.get(loan_id)) for loan_id in loan_ids}


def _paid_off(loan_ids: Sequence[int], business_date: date) -> dict[int, date]:
    ended = Closure.objects.filter(
        loan_id__in=loan_ids, reason=Closure.Reason.FULLY_PAID, reopened_on=None, closed_on__lt=business_date
    )
    return dict(ended.values_list("loan_id", "closed_on"))
