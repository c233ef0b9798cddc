"""What the general ledger says: the trial balance, and how far its months are closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from django.db import connection
from django.db.models import Sum

from ledger.models import Account, AccountingPeriod, JournalLine, PeriodBalance

#: An account's code, its debits and its credits.
Turnover = tuple[str, Decimal, Decimal]

#: The condition on a `ledger_journalentry` that it is booked as of the night `%(day)s`: dated before it, or written by
#: a schedule that was due before `%(due_at)s`. Where `%(due_at)s` is NULL, only the date counts: the books at the close
#: of the day before.
IS_BOOKED = "(entry_date < %(day)s OR coalesce(due_at < %(due_at)s, FALSE))"

_AS_BOOKED = f"""
    SELECT account_id, sum(amount) FROM (
        SELECT account_id, debit - credit AS amount FROM ledger_periodbalance WHERE period_id = %(closed)s
        UNION ALL
        SELECT account_id, debit - credit FROM ledger_journalline line
        JOIN ledger_journalentry entry ON entry.id = line.entry_id WHERE entry_date >= %(open_from)s AND {IS_BOOKED}
    ) booked
    WHERE account_id = ANY(%(codes)s) GROUP BY account_id"""


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


def as_booked(codes: Sequence[str], *, day: date, due_at: datetime | None) -> dict[str, Decimal]:
    """Return by account what entries come to that are booked as of a night (`IS_BOOKED`): debits less credits.

    Args:
        codes: the accounts; one that nothing was booked on is left out.
        day: the night.
        due_at: when the asking run's window was due; None for the close of the day before.
    """
    closed = last_closed(through=day - timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            _AS_BOOKED,
            {
                "codes": list(codes),
                "day": day,
                "due_at": due_at,
                "closed": closed.pk if closed else None,
                "open_from": closed.next_starts_on if closed else date.min,
            },
        )
        return dict(cursor.fetchall())


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
