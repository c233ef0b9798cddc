"""What a payment or its reversal does on the day it takes effect: movements, and the end of loans or its undoing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from common.outcomes import BadItem
from loans import selectors
from loans.models import Closure, Transaction
from loans.scope import Scope
from loans.services import accrue_interest, closing
from loans.services.booking import Booking, book
from payments.exceptions import NotAccruedError
from payments.services.allocation import Split, allocate

Kind = Transaction.Kind


@dataclass(frozen=True, kw_only=True)
class Item:
    """A payment that takes effect, or its reversal.

    Args:
        loan_id: whose.
        effective_date: when.
        reference: the payment's.
        amount: what came in, in dollars; None when the payment is taken back.
    """

    loan_id: int
    effective_date: date
    reference: str
    amount: Decimal | None = None


@contextmanager
def interest_through(day: date, loan_ids: Sequence[int]) -> Iterator[list[BadItem]]:
    """Let loans have their interest of all days up to one within the block, and take back what they lacked after it.

    The rows are the night's own, written by its own statements. Gives the loans that cannot have them.
    """
    with transaction.atomic():
        behind = selectors.behind(day, Scope(list(loan_ids)))
        yield list(accrue_interest(business_date=day, only=list(behind.values())).quarantined) if behind else []
        transaction.set_rollback(True)


def take_effect(step: Sequence[Item], day: date, booking: Booking) -> None:
    """Book the items of one day, one per loan.

    Raises:
        NotAccruedError: a loan's interest up to the day cannot be computed.
    """
    if payments := [item for item in step if item.amount is not None]:
        _pay(payments, day, booking)
    if references := [item.reference for item in step if item.amount is None]:
        _take_back(references, day, booking)


_SPLITS = """
    SELECT loan_id, %(day)s::date AS effective_date, principal, interest, fees, overpaid, recovered, reference
    FROM unnest(
        %(loan_ids)s::bigint[], %(references)s::text[], %(principal)s::numeric[], %(interest)s::numeric[],
        %(fees)s::numeric[], %(overpaid)s::numeric[], %(recovered)s::numeric[]
    ) AS split (loan_id, reference, principal, interest, fees, overpaid, recovered)"""


def _pay(payments: Sequence[Item], day: date, booking: Booking) -> None:
    """Spend one payment on each loan, and end those of which nothing is owed any more."""
    amounts = {item.loan_id: item.amount for item in payments if item.amount is not None}
    with interest_through(day, list(amounts)) as lacking:
        for bad in lacking:
            raise NotAccruedError(bad.key, bad.reason)
        splits = allocate(amounts, day=day)
    references = {item.loan_id: item.reference for item in payments}
    book(_SPLITS, _columns(splits, references) | {"day": day}, kind=Kind.PAYMENT, booking=booking)
    paid_off = [loan_id for loan_id, split in splits.items() if split.is_all]
    closing.close(loan_ids=paid_off, closed_on=day, reason=Closure.Reason.FULLY_PAID, booking=booking)


def _columns(splits: Mapping[int, Split], references: Mapping[int, str]) -> dict[str, object]:
    """Return the splits as columns, signed as movements are: what was paid is owed less."""
    return {
        "loan_ids": list(splits),
        "references": [references[loan_id] for loan_id in splits],
        "principal": [-split.principal for split in splits.values()],
        "interest": [-split.interest for split in splits.values()],
        "fees": [-split.fees for split in splits.values()],
        "overpaid": [split.overpaid for split in splits.values()],
        "recovered": [split.recovered for split in splits.values()],
    }


_TAKEN_BACK = f"""
    SELECT loan_id, %(day)s::date AS effective_date, -principal AS principal, -interest AS interest, -fees AS fees,
           -overpaid AS overpaid, -recovered AS recovered, reference
    FROM loans_transaction
    WHERE kind = '{Kind.PAYMENT}' AND reference = ANY(%(references)s) AND reversal_id IS NULL"""

# What is owed again after a charge-off is charged off with the rest.
_CHARGED_OFF_AGAIN = f"""
    SELECT movement.loan_id, %(day)s::date AS effective_date, movement.principal, movement.interest, movement.fees,
           0::numeric AS overpaid, 0::numeric AS recovered, movement.reference
    FROM loans_transaction movement JOIN loans_closure closure ON closure.loan_id = movement.loan_id
        AND closure.reopened_on IS NULL AND closure.reason = '{Closure.Reason.CHARGED_OFF}'
    WHERE movement.kind = '{Kind.PAYMENT}' AND movement.reference = ANY(%(references)s)
        AND movement.reversal_id IS NULL AND movement.principal + movement.interest + movement.fees <> 0"""


def _take_back(references: Sequence[str], day: date, booking: Booking) -> None:
    """Mirror the movements of payments, and let loans go on that had ended."""
    parameters = {"references": list(references), "day": day}
    book(_TAKEN_BACK, parameters, kind=Kind.PAYMENT_REVERSAL, booking=booking)
    book(_CHARGED_OFF_AGAIN, parameters, kind=Kind.CHARGE_OFF, booking=booking)
    owing = Transaction.objects.filter(kind=Kind.PAYMENT, reference__in=references, reversal=None)
    ended = [one.loan_id for one in owing if one.principal + one.interest + one.fees]
    closing.reopen(loan_ids=ended, reopened_on=day)
