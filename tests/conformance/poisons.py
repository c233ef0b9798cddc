"""For every job of the catalog, a way to spoil one item of the world for it, and to mend it again.

A job without an entry fails its contract: say here what a bad item of it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F

from loans.models import Accrual, Instalment, Loan, RateSegment

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


def _move_the_rate(years: int) -> Callable[[date], object]:
    """Let the victim's rate be in force so many years later."""

    def move(_night: date) -> None:
        for segment in RateSegment.objects.filter(loan__number=VICTIM):
            moved = segment.effective_from.replace(year=segment.effective_from.year + years)
            RateSegment.objects.filter(pk=segment.pk).update(effective_from=moved)

    return move


def _add_to_interest(cents: int) -> Callable[[date], object]:
    def add(night: date) -> None:
        row = Accrual.objects.get(loan__number=VICTIM, accrual_date=night, reversal=None)
        Accrual.objects.filter(pk=row.pk).update(amount=row.amount + Decimal(cents) / 100)

    return add


def _add_to_plan(dollars: int) -> Callable[[date], object]:
    """Let what is due through the second instalment not be the sum of the two."""

    def add(_night: date) -> None:
        Instalment.objects.filter(loan__number="LATE-1", number=2).update(due_through=F("due_through") + dollars)

    return add


def _agree_on_another_rate(_night: date) -> None:
    loan = Loan.objects.get(number="VAR-1")
    RateSegment.objects.create(loan=loan, rate=0, effective_from=loan.variableterms.first_reset)


def _agree_on_none(_night: date) -> None:
    RateSegment.objects.filter(loan__number="VAR-1", rate=0).delete()


CONTRADICTORY_PLAN = Poison(key="LATE-1", loan="LATE-1", spoil=_add_to_plan(1), mend=_add_to_plan(-1))

POISONS = {
    "daily-interest-accrual": Poison(key=VICTIM, loan=VICTIM, spoil=_move_the_rate(9), mend=_move_the_rate(-9)),
    "daily-delinquency-engine": CONTRADICTORY_PLAN,
    "daily-default-detection": CONTRADICTORY_PLAN,
    "daily-variable-rate-adjustment": Poison(
        key="VAR-1", loan="VAR-1", spoil=_agree_on_another_rate, mend=_agree_on_none
    ),
    "daily-gl-reconciliation": Poison(key=VICTIM, loan=VICTIM, spoil=_add_to_interest(1), mend=_add_to_interest(-1)),
}
