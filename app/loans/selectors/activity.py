"""What became of a tenant's receivables over a stretch of days: from opening to closing balance."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, Sum

from common.money import ZERO
from loans.models import Accrual, Transaction

Kind = Transaction.Kind
#: Where each kind of movement is shown; all others are the opening balance's own kind, lent or boarded.
SHOWN = {
    Kind.DEFERRED_INTEREST: "interest",
    Kind.FEE: "fees",
    Kind.FEE_REVERSAL: "fees",
    Kind.PAYMENT: "payments",
    Kind.PAYMENT_REVERSAL: "payments",
    Kind.WAIVER: "waivers",
    Kind.CHARGE_OFF: "charge_offs",
}


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Principal, interest and fees owed, in dollars, and what moved them; payments and what follows are negative."""

    opening: Decimal = ZERO
    lent: Decimal = ZERO
    interest: Decimal = ZERO
    fees: Decimal = ZERO
    payments: Decimal = ZERO
    waivers: Decimal = ZERO
    charge_offs: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        """What is owed at the end."""
        moved = self.lent + self.interest + self.fees + self.payments + self.waivers + self.charge_offs
        return self.opening + moved


def activity(*, start: date, end: date) -> Activity:
    """Return what was booked from `start` to `end`, both included; the opening balance is of the eve.

    Rows count by the date of their entry, as in the general ledger; what was superseded counts until it was.
    """
    sums = defaultdict[str, Decimal](lambda: ZERO)
    for kind, amount in _movements(Q(entry__entry_date__range=(start, end))):
        sums[SHOWN.get(Kind(kind), "lent")] += amount
    for kind, amount in _movements(Q(reversal__entry_date__range=(start, end))):
        sums[SHOWN.get(Kind(kind), "lent")] -= amount
    sums["interest"] += _interest(Q(entry__entry_date__range=(start, end)))
    sums["interest"] -= _interest(Q(reversal__entry_date__range=(start, end)))
    return Activity(opening=_owed_before(start), **sums)


def _owed_before(start: date) -> Decimal:
    booked, reversed_ = Q(entry__entry_date__lt=start), Q(reversal__entry_date__lt=start)
    moved = sum((amount for _, amount in _movements(booked)), ZERO)
    taken_back = sum((amount for _, amount in _movements(reversed_)), ZERO)
    return moved - taken_back + _interest(booked) - _interest(reversed_)


def _movements(booked: Q) -> list[tuple[str, Decimal]]:
    owed = Sum("principal") + Sum("interest") + Sum("fees")
    return list(Transaction.objects.filter(booked).values_list("kind").annotate(owed=owed).order_by("kind"))


def _interest(booked: Q) -> Decimal:
    return Accrual.objects.filter(booked).aggregate(sum=Sum("amount"))["sum"] or ZERO
