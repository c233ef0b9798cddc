"""Closing a month of the books: only when it is over, finished, and both ledgers agree."""

from datetime import date, timedelta

from common import clock
from common.books import books_transaction
from common.money import ZERO
from common.tasks import refuse_overtaking
from ledger import services as ledger
from ledger.exceptions import PeriodNotReconciledError
from ledger.models import AccountingPeriod, PeriodBalance
from ledger.selectors import last_closed, trial_balance
from ledger.services import FrozenBalance
from loans.grid import add_months
from loans.services.reconciliation import compare, describe
from loans.services.reconciliation_sql import open_entries, sub_ledger


def close_month(*, schema_name: str, month: date, dry_run: bool = False) -> AccountingPeriod:
    """Close a month of a tenant's books for good, and freeze the balances of every account.

    A posting on its way is waited for, and one that comes later finds the month closed.

    Args:
        schema_name: the tenant.
        month: its first day.
        dry_run: check everything, and keep nothing.

    Raises:
        LineNotFinishedError: books runs of the month, or before it, are not finished (settled rule 14).
        PeriodNotReconciledError: the ledgers differ in entries dated up to the month's last day.
        NoSuchPeriodError, PeriodNotEndedError, PeriodOrderError, PeriodAlreadyClosedError: see `ledger.services`.
        BooksBusyError, UnknownTenantError, TenantNotActiveError: see `common.books`.
    """
    business_date = clock.today()
    last_day = add_months(month, 1) - timedelta(days=1)
    with books_transaction(schema_name, dry_run=dry_run) as entered:
        ledger.update_period_statuses(business_date=business_date)
        ledger.next_to_close(month=month, business_date=business_date)
        refuse_overtaking(tenant_id=entered.tenant_id, business_date=last_day)
        _refuse_differences(month, last_day)
        return ledger.close_period(month=month, business_date=business_date, balances=_balances(last_day))


def _refuse_differences(month: date, last_day: date) -> None:
    entries = open_entries(last_day)
    if entries and (differences := compare(entries)):
        raise PeriodNotReconciledError(f"{month:%Y-%m}", len(differences), describe(differences[0]))


def _balances(last_day: date) -> list[FrozenBalance]:
    """Return both sides of every account that was booked on: what was frozen before, and the open entries since."""
    entries, closed = open_entries(last_day), last_closed()
    carried = dict(PeriodBalance.objects.filter(period=closed).values_list("account_id", "sub_ledger"))
    since = sub_ledger(entries) if entries else {}
    return [
        FrozenBalance(
            account=row.code,
            debit=row.debit,
            credit=row.credit,
            sub_ledger=carried.get(row.code, ZERO) + since.get(row.code, ZERO),
        )
        for row in trial_balance(through=last_day)
    ]
