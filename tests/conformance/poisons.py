"""For every job of the catalog, a way to spoil one item of the world for it, and to mend it again.

A job without an entry fails its contract: say here what a bad item of it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from loans.models import Accrual, Loan, RateSegment
from tests.conformance.world import EVE

VICTIM = "LN-07"


@dataclass(frozen=True, kw_only=True)
class Poison:
    """What makes one item bad just before the job runs.

    Args:
        key: the item, as the quarantine names it.
        loan: the number of the loan whose rows it may change.
        spoil: makes it bad; gets the night.
        mend: takes that back.
    """

    key: str
    loan: str
    spoil: Callable[[date], object]
    mend: Callable[[date], object]


def _lose_the_rate(_night: date) -> None:
    RateSegment.objects.filter(loan__number=VICTIM).delete()


def _find_the_rate(_night: date) -> None:
    RateSegment.objects.create(
        loan=Loan.objects.get(number=VICTIM), rate=Decimal("0.1199"), effective_from=EVE.date() - timedelta(days=90)
    )


def _add_to_interest(cents: int) -> Callable[[date], object]:
    def add(night: date) -> None:
        row = Accrual.objects.get(loan__number=VICTIM, accrual_date=night, reversal=None)
        Accrual.objects.filter(pk=row.pk).update(amount=row.amount + Decimal(cents) / 100)

    return add


POISONS = {
    "daily-interest-accrual": Poison(key=VICTIM, loan=VICTIM, spoil=_lose_the_rate, mend=_find_the_rate),
    "daily-gl-reconciliation": Poison(key=VICTIM, loan=VICTIM, spoil=_add_to_interest(1), mend=_add_to_interest(-1)),
}
