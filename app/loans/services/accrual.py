"""Daily interest: every loan that accrues gets one row for every day up to the business date, zero included."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from common.money import ZERO
from common.outcomes import BadItem, Outcome
from ledger.accounts import Code
from ledger.services import Posting, open_entry, post, refuse_closed, reserve_entry
from loans import selectors
from loans.grid import days
from loans.scope import FEW, Scope
from loans.services import accrual_sql
from loans.services.accrual_sql import Day
from loans.services.booking import Booking
from loans.services.chosen import bad_loan, chosen

ENTRY_KIND = "interest-accrual"
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
    scope, quarantined = chosen(only)
    written = Written(booking=Booking(entry_date=business_date, run_id=run_id, due_at=due_at))
    loans = written.write(business_date, scope)
    if behind := selectors.behind(business_date, scope, limit=FEW + 1):
        # A few among many that are done: bad loans, or new ones in an old book.
        scope = Scope(list(behind)) if len(behind) <= min(FEW, loans) else scope
        loans += written.catch_up(scope, first=selectors.first_missing_day(business_date, scope), last=business_date)
        quarantined += faults(business_date, scope)
    written.book()
    return Outcome(counts={"loans": loans, "rows": written.rows}, quarantined=quarantined)


@dataclass(kw_only=True)
class Written:
    """The rows that are written together, and the one entry that sums them up."""

    booking: Booking
    entry_id: int = field(default_factory=reserve_entry)
    rows: int = 0
    amount: Decimal = ZERO

    def write(self, accrual_date: date, scope: Scope) -> int:
        """Write one day; return of how many loans."""
        day = Day(accrual_date=accrual_date, scope=scope)
        rows, amount = accrual_sql.write(day, entry_id=self.entry_id, due_at=self.booking.due_at)
        self.rows += rows
        self.amount += amount
        return rows

    def catch_up(self, scope: Scope, *, first: date, last: date) -> int:
        """Write each missed day by itself, oldest first (settled rule 21); return of how many loans the last one."""
        loans = 0
        for day in days(first, last):
            loans = self.write(day, scope)
        return loans

    def book(self) -> None:
        """Book the sum, dated the processing date also where rows are of earlier days (settled rule 14)."""
        if self.rows:
            book_interest(self.amount, kind=ENTRY_KIND, booking=self.booking, entry_id=self.entry_id)


def book_interest(amount: Decimal, *, kind: str, booking: Booking, entry_id: int) -> None:
    """Book interest as earned, or as not earned after all when it is negative, on an entry that was reserved.

    Raises:
        PeriodClosedError: the entry's month is closed.
    """
    refuse_closed(booking.entry_date)
    entry = open_entry(
        entry_id=entry_id, entry_date=booking.entry_date, kind=kind, run_id=booking.run_id, due_at=booking.due_at
    )
    post(entry, Posting(debit=Code.IR, credit=Code.II, amount=amount))


def faults(business_date: date, scope: Scope) -> list[BadItem]:
    """Return the loans that catching up left behind, each with what is wrong on the first day it lacks."""
    behind = selectors.behind(business_date, scope)
    if not behind:
        return []
    stuck, reasons = Scope(list(behind)), dict[str, str]()
    for day in days(selectors.first_missing_day(business_date, stuck), business_date):
        reasons |= accrual_sql.faults(Day(accrual_date=day, scope=stuck))
    return [bad_loan(number, reasons.get(number, UNEXPLAINED)) for number in behind.values()]
