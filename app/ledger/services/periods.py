"""Accounting periods: a month is opened, ends, and is closed with its balances for good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection, transaction

from common.outcomes import Outcome
from ledger.exceptions import (
    NoSuchPeriodError,
    PeriodAlreadyClosedError,
    PeriodNotEndedError,
    PeriodOrderError,
)
from ledger.models import AccountingPeriod, PeriodBalance

Status = AccountingPeriod.Status

_OPEN = """
    INSERT INTO ledger_accountingperiod (starts_on, status)
    SELECT month::date, 'open' FROM generate_series(
        date_trunc('month', least((SELECT min(entry_date) FROM ledger_journalentry), %(day)s)),
        date_trunc('month', %(day)s::date),
        interval '1 month'
    ) AS month
    ON CONFLICT (starts_on) DO NOTHING"""

_END = """
    UPDATE ledger_accountingperiod SET status = 'ended'
    WHERE status = 'open' AND starts_on + interval '1 month' <= %(day)s"""


@dataclass(frozen=True, kw_only=True)
class FrozenBalance:
    """An account's balance at the end of a month, on both sides.

    Args:
        account: its code.
        debit: all that was ever debited to it, in dollars.
        credit: all that was ever credited to it.
        sub_ledger: what the sub-ledger's rows come to, debits less credits.
    """

    account: str
    debit: Decimal
    credit: Decimal
    sub_ledger: Decimal


@transaction.atomic
def update_period_statuses(*, business_date: date) -> Outcome:
    """Open every month from the first entry's up to the business date's, and mark those that are over as ended.

    Repeated, it changes nothing.

    Args:
        business_date: a month has ended when this is later than its last day.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"day": business_date})
        opened = cursor.rowcount
        cursor.execute(_END, {"day": business_date})
        return Outcome(counts={"opened": opened, "ended": cursor.rowcount})


def close_period(*, month: date, business_date: date, balances: Iterable[FrozenBalance]) -> AccountingPeriod:
    """Close a month and freeze its balances: no entry can be dated in it, or before it, ever again.

    The caller holds the tenant's books lock and has found both sides to agree (`loans.services.close_month`).

    Args:
        month: its first day.
        business_date: the date of the closing.
        balances: of every account that was booked on through the month's last day.

    Raises:
        NoSuchPeriodError: nothing was ever booked in it or before it.
        PeriodNotEndedError: it is not over.
        PeriodOrderError: an earlier month is not closed.
        PeriodAlreadyClosedError: it is closed.
    """
    period = next_to_close(month=month, business_date=business_date)
    AccountingPeriod.objects.filter(pk=period.pk).update(status=Status.CLOSED, closed_on=business_date)
    PeriodBalance.objects.bulk_create(
        PeriodBalance(
            period=period,
            account_id=balance.account,
            debit=balance.debit,
            credit=balance.credit,
            sub_ledger=balance.sub_ledger,
        )
        for balance in balances
    )
    period.refresh_from_db()
    return period


def next_to_close(*, month: date, business_date: date) -> AccountingPeriod:
    """Return a month's period if it is the next one to be closed.

    Raises:
        NoSuchPeriodError, PeriodNotEndedError, PeriodOrderError, PeriodAlreadyClosedError: as `close_period`.
    """
    period = AccountingPeriod.objects.filter(starts_on=month).first()
    if period is None and month < business_date:
        raise NoSuchPeriodError(f"{month:%Y-%m}")
    if period is None or period.status == Status.OPEN:
        raise PeriodNotEndedError(f"{month:%Y-%m}", business_date.isoformat())
    if period.status == Status.CLOSED:
        raise PeriodAlreadyClosedError(f"{month:%Y-%m}", str(period.closed_on))
    earlier = AccountingPeriod.objects.filter(starts_on__lt=month).exclude(status=Status.CLOSED).first()
    if earlier is not None:
        raise PeriodOrderError(f"{month:%Y-%m}", f"{earlier.starts_on:%Y-%m}")
    return period
