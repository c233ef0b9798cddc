"""What the general ledger says: the trial balance."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from ledger.models import JournalLine


@dataclass(frozen=True, kw_only=True)
class AccountBalance:
    """An account's turnover; the whole trial balance has equal sums of debits and credits."""

    code: str
    name: str
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """Debits less credits."""
        return self.debit - self.credit


def trial_balance(*, through: date | None = None) -> list[AccountBalance]:
    """Return every account that was booked on, by code.

    Args:
        through: last entry date to count; all of them when none is given.
    """
    lines = JournalLine.objects.all()
    if through is not None:
        lines = lines.filter(entry__entry_date__lte=through)
    turnover = lines.values_list("account_id", "account__name").annotate(Sum("debit"), Sum("credit"))
    return [
        AccountBalance(code=code, name=name, debit=debit, credit=credit)
        for code, name, debit, credit in turnover.order_by("account_id")
    ]
