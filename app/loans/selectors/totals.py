"""A tenant's books in a line."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from common.money import ZERO
from ledger.models import JournalEntry
from loans.models import Accrual, Closure, Loan, Transaction


@dataclass(frozen=True, kw_only=True)
class Totals:
    """A tenant's books in a line.

    Args:
        loans: how many there are.
        accruing: how many of them earn interest.
        principal: what is owed, in dollars, by the sub-ledger.
        interest: what was accrued, in dollars, by the sub-ledger.
        accruals: rows of interest.
        entries: journal entries.
    """

    loans: int
    accruing: int
    principal: Decimal
    interest: Decimal
    accruals: int
    entries: int


def totals() -> Totals:
    """Return the totals of the tenant whose schema the connection is in."""
    loans, ended = Loan.objects.all(), Closure.objects.filter(reopened_on=None)
    return Totals(
        loans=loans.count(),
        accruing=loans.filter(accrues_from__isnull=False).exclude(closure__in=ended).count(),
        principal=Transaction.objects.filter(reversal=None).aggregate(sum=Sum("principal"))["sum"] or ZERO,
        interest=Accrual.objects.filter(reversal=None).aggregate(sum=Sum("amount"))["sum"] or ZERO,
        accruals=Accrual.objects.count(),
        entries=JournalEntry.objects.count(),
    )
