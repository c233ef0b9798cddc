"""Daily interest: every loan that accrues gets one row for every day up to the business date, zero included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from common.money import ZERO
from common.outcomes import BadItem, Outcome
from ledger.accounts import Code
from ledger.services import Posting, open_entry, post, reserve_entry
from loans import selectors
from loans.scope import FEW, Scope
from loans.services import accrual_sql
from loans.services.accrual_sql import Day

ENTRY_KIND = "interest-accrual"
UNKNOWN = "no loan has this number: board it first"
UNEXPLAINED = "its rows end on a day that none can follow: compare them with the loan's closure and terms"


@transaction.atomic
def accrue_interest(
    *,
    business_date: date,
    due_at: datetime | None = None,
    run_id: int | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Write every missing day of interest up to the business date, and book the sum as one entry.

    Interest is daily simple on actual principal, in the cumulative form `round(cum(D)) - Σ posted` (settled rules 4
    to 8). A loan whose data will not do is left out with its reason; once that is mended, the next night writes all
    its missing days. Repeated, it writes nothing.

    Args:
        business_date: D, the last day to write; also the entry's date.
        due_at: when the writing run's window was due; none when done by hand.
        run_id: that run.
        only: the numbers of the loans to do; None means all.
    """
    scope, quarantined = _scope(only)
    night = _Night(entry_id=reserve_entry(), business_date=business_date, due_at=due_at)
    night.write(business_date, scope)
    if behind := selectors.behind(business_date, scope, limit=FEW + 1):
        # A few among many that are done: bad loans, or new ones in an old book.
        scope = Scope(list(behind)) if len(behind) <= min(FEW, night.loans) else scope
        night.catch_up(scope)
        quarantined += _faults(business_date, scope)
    night.book(run_id)
    return Outcome(counts={"loans": night.loans, "rows": night.rows}, quarantined=quarantined)


@dataclass(kw_only=True)
class _Night:
    """The rows that one run writes, and the one entry that sums them up."""

    entry_id: int
    business_date: date
    due_at: datetime | None
    rows: int = 0
    #: How many were brought up to the business date.
    loans: int = 0
    amount: Decimal = ZERO

    def write(self, accrual_date: date, scope: Scope) -> None:
        """Write one day."""
        day = Day(accrual_date=accrual_date, scope=scope)
        rows, amount = accrual_sql.write(day, entry_id=self.entry_id, due_at=self.due_at)
        self.rows += rows
        self.loans += rows if accrual_date == self.business_date else 0
        self.amount += amount

    def catch_up(self, scope: Scope) -> None:
        """Write each missed day by itself, oldest first (settled rule 21)."""
        for day in _days(selectors.first_missing_day(self.business_date, scope), self.business_date):
            self.write(day, scope)

    def book(self, run_id: int | None) -> None:
        """Book the sum, dated the business date also where rows are of earlier days (settled rule 14)."""
        if not self.rows:
            return
        entry = open_entry(
            entry_id=self.entry_id,
            entry_date=self.business_date,
            kind=ENTRY_KIND,
            run_id=run_id,
            due_at=self.due_at,
        )
        post(entry, Posting(debit=Code.IR, credit=Code.II, amount=self.amount))


def _scope(only: Sequence[str] | None) -> tuple[Scope, list[BadItem]]:
    if only is None:
        return Scope(), []
    known = selectors.loan_ids(only)
    return Scope(list(known.values())), [_bad(number, UNKNOWN) for number in only if number not in known]


def _faults(business_date: date, scope: Scope) -> list[BadItem]:
    """Return the loans that catching up left behind, each with what is wrong on the first day it lacks."""
    behind = selectors.behind(business_date, scope)
    if not behind:
        return []
    stuck, reasons = Scope(list(behind)), dict[str, str]()
    for day in _days(selectors.first_missing_day(business_date, stuck), business_date):
        reasons |= accrual_sql.faults(Day(accrual_date=day, scope=stuck))
    return [_bad(number, reasons.get(number, UNEXPLAINED)) for number in behind.values()]


def _bad(number: str, reason: str) -> BadItem:
    return BadItem(model="loans.Loan", key=number, reason=reason)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
