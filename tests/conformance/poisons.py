"""For every job of the catalog, a way to spoil one item of the world for it, and to mend it again.

A job without an entry fails its contract: say here what a bad item of it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F

from fees.models import FeeDefinition
from loans.models import Accrual, Borrower, Instalment, Loan, RateSegment
from payments.models import BankAccount
from tests.conformance.world import ROUTING

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


def _move_the_rate(years: int, number: str = VICTIM) -> Callable[[date], object]:
    """Let the loan's rate be in force so many years later."""

    def move(_night: date) -> None:
        for segment in RateSegment.objects.filter(loan__number=number):
            moved = segment.effective_from.replace(year=segment.effective_from.year + years)
            RateSegment.objects.filter(pk=segment.pk).update(effective_from=moved)

    return move


def _lose_the_night(number: str) -> Callable[[date], object]:
    """Let the loan's interest of the night be as if it had not been written, and no rate say what it was."""

    def lose(night: date) -> None:
        row = Accrual.objects.filter(loan__number=number, accrual_date=night)
        row.update(reversal=F("entry"))
        _move_the_rate(9, number)(night)

    return lose


def _find_the_night(number: str) -> Callable[[date], object]:
    def find(night: date) -> None:
        Accrual.objects.filter(loan__number=number, accrual_date=night).update(reversal=None)
        _move_the_rate(-9, number)(night)

    return find


def _set_state(state: str) -> Callable[[date], object]:
    return lambda _night: Borrower.objects.filter(reference="FEE-1").update(state=state)


def _set_routing_number(number: str) -> Callable[[date], object]:
    return lambda _night: BankAccount.objects.filter(borrower__reference="AUT-2").update(routing_number=number)


def _define_the_fee_twice(_night: date) -> None:
    FeeDefinition.objects.create(
        code="servicing",
        loan=Loan.objects.get(number="SVC-1"),
        amount=Decimal("9.99"),
        every_months=1,
        starts_on=date(2024, 1, 1),
        ends_on=date(2029, 1, 1),
    )


def _define_the_fee_once(_night: date) -> None:
    FeeDefinition.objects.filter(amount=Decimal("9.99")).delete()


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
    "daily-promo-expirations": Poison(
        key="PRO-2", loan="PRO-2", spoil=_move_the_rate(9, "PRO-2"), mend=_move_the_rate(-9, "PRO-2")
    ),
    "daily-late-fee-assessment": Poison(key="FEE-1", loan="FEE-1", spoil=_set_state(""), mend=_set_state("CA")),
    "daily-scheduled-fee-assessment": Poison(
        key="SVC-1", loan="SVC-1", spoil=_define_the_fee_twice, mend=_define_the_fee_once
    ),
    "daily-recurring-payments": Poison(
        key="SER-1", loan="SER-1", spoil=_lose_the_night("SER-1"), mend=_find_the_night("SER-1")
    ),
    "daily-autopay-execution": Poison(
        key="AUT-2", loan="AUT-2", spoil=_set_routing_number("000000001"), mend=_set_routing_number(ROUTING)
    ),
    "daily-forbearance-expiry-check": Poison(
        key="FOR-2", loan="FOR-2", spoil=_lose_the_night("FOR-2"), mend=_find_the_night("FOR-2")
    ),
    "daily-gl-reconciliation": Poison(key=VICTIM, loan=VICTIM, spoil=_add_to_interest(1), mend=_add_to_interest(-1)),
}
