"""What is left to pay of each fee."""

from decimal import Decimal

from common.money import ZERO
from loans.models import Transaction

Kind = Transaction.Kind
_TAKEN_OFF = (Kind.WAIVER, Kind.FEE_REVERSAL)
_PAID = (Kind.PAYMENT, Kind.PAYMENT_REVERSAL)


def outstanding_fees(loan_id: int) -> dict[str, Decimal]:
    """Return what is left to pay of a loan's fees, in dollars by reference, oldest first; none that are settled.

    Payments pay the oldest fees first, of what was neither waived nor reversed.
    """
    counted = Transaction.objects.filter(loan=loan_id, reversal=None).exclude(fees=0).order_by("effective_date", "id")
    owed, paid = dict[str, Decimal](), ZERO
    for movement in counted:
        if movement.kind == Kind.FEE or movement.kind in _TAKEN_OFF:
            owed[movement.reference] = owed.get(movement.reference, ZERO) + movement.fees
        elif movement.kind in _PAID:
            paid -= movement.fees
    return _less(owed, paid)


def _less(owed: dict[str, Decimal], paid: Decimal) -> dict[str, Decimal]:
    left = dict[str, Decimal]()
    for reference, amount in owed.items():
        spent = min(paid, amount)
        paid -= spent
        if amount > spent:
            left[reference] = amount - spent
    return left
