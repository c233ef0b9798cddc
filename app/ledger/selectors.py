"""What the general ledger says: the trial balance, and how far its months are closed."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from django.db.models import Sum

from ledger.models import Account, AccountingPeriod, JournalLine, PeriodBalance

#: An account's code, its debits and its credits.
Turnover = tuple[str, Decimal, Decimal]


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


def last_closed(*, through: date | None = None) -> AccountingPeriod | None:
    """Return the latest closed month.

    Args:
        through: only months whose last day is not after this one.
    """
    closed = AccountingPeriod.objects.filter(status=AccountingPeriod.Status.CLOSED)
    if through is not None:
        closed = closed.filter(starts_on__lt=(through + timedelta(days=1)).replace(day=1))
    return closed.order_by("-starts_on").first()


def trial_balance(*, through: date | None = None) -> list[AccountBalance]:
    """Return every account that was booked on, by code.

    What was frozen when a month was closed is carried forward: only later lines are added up.

    Args:
        through: last entry date to count; all of them when none is given.
    """
    closed = last_closed(through=through)
    sums = _frozen(closed) + _turnover(closed.next_starts_on if closed else None, through)
    names = dict(Account.objects.values_list("code", "name"))
    balances = list[AccountBalance]()
    for code, group in groupby(sorted(sums), key=itemgetter(0)):
        _codes, debits, credits_ = zip(*group, strict=True)
        balances.append(AccountBalance(code=code, name=names[code], debit=sum(debits), credit=sum(credits_)))
    return balances


def _frozen(closed: AccountingPeriod | None) -> list[Turnover]:
    return list(PeriodBalance.objects.filter(period=closed).values_list("account_id", "debit", "credit"))


def _turnover(first: date | None, last: date | None) -> list[Turnover]:
    """Return what was booked on each account by entries of these dates, an end that is None being open."""
    lines = JournalLine.objects.all()
    if first is not None:
        lines = lines.filter(entry__entry_date__gte=first)
    if last is not None:
        lines = lines.filter(entry__entry_date__lte=last)
    return list(lines.values_list("account_id").annotate(Sum("debit"), Sum("credit")))
