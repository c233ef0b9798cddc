"""Interest written anew: what changed with an earlier date is as if it had been known in time (settled rule 14)."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from django.db import connection

from ledger.services import reserve_entry
from loans import selectors
from loans.exceptions import CannotAccrueError
from loans.grid import days
from loans.models import Loan
from loans.scope import Scope
from loans.services.accrual import Written, book_interest, faults
from loans.services.booking import Booking
from loans.signals import past_changed

REVERSAL_KIND = "interest-accrual reversal"

# The days are named one by one: the index has the day first, and a range of days would be read for all loans.
_REVERSE = """
    WITH reversed AS (
        UPDATE loans_accrual SET reversal_id = %(entry_id)s
        WHERE accrual_date = ANY(%(days)s) AND loan_id = ANY(%(loan_ids)s) AND component = 'interest'
            AND reversal_id IS NULL
        RETURNING amount
    )
    SELECT count(*), coalesce(sum(amount), 0) FROM reversed"""


def reverse_accruals(*, loan_ids: Sequence[int], after: date, booking: Booking) -> int:
    """Take the interest of the days after a date off the books, by one entry; the rows stay, marked as reversed.

    Args:
        loan_ids: the loans.
        after: the last day whose row stands; what is effective on it changes the next row.
        booking: who books.

    Returns:
        How many rows were reversed.

    Raises:
        PeriodClosedError: the entry's month is closed.
    """
    last = max(selectors.last_accrued(loan_ids).values(), default=after)
    entry_id = reserve_entry()
    with connection.cursor() as cursor:
        cursor.execute(
            _REVERSE,
            {"entry_id": entry_id, "days": days(after + timedelta(days=1), last), "loan_ids": list(loan_ids)},
        )
        rows, amount = cursor.fetchone()
    if rows:
        book_interest(-amount, kind=REVERSAL_KIND, booking=booking, entry_id=entry_id)
    return int(rows)


def reaccrue(*, loan_ids: Sequence[int], through: date, booking: Booking) -> int:
    """Write the days that loans lack, through a date, by what the books now say of them.

    Args:
        loan_ids: the loans.
        through: the last day to write; a loan that closed before it gets its rows through that day.
        booking: who books: the entry bears the processing date, whatever the days.

    Returns:
        How many rows were written.

    Raises:
        CannotAccrueError: a loan's data will not do; the caller's transaction is to be rolled back.
        PeriodClosedError: the entry's month is closed.
    """
    written, scope = Written(booking=booking), Scope(list(loan_ids))
    written.catch_up(scope, first=_first_day(loan_ids, through), last=through)
    for bad in faults(through, scope):
        raise CannotAccrueError(bad.key, bad.reason)
    written.book()
    return written.rows


def reprice(*, loan_ids: Sequence[int], after: date, booking: Booking) -> None:
    """Write the days after a date anew, each loan through the last day it had; see the other two."""
    had = selectors.last_accrued(loan_ids)
    late = sorted((day, loan_id) for loan_id, day in had.items() if day > after)
    if late:
        reverse_accruals(loan_ids=[loan_id for _, loan_id in late], after=after, booking=booking)
    for through, loans in groupby(late, key=lambda one: one[0]):
        reaccrue(loan_ids=[loan_id for _, loan_id in loans], through=through, booking=booking)


def change_past(*, loan_ids: Sequence[int], after: date, booking: Booking, reprices: bool = True) -> None:
    """Let the nights after a date be as if what is now in the books had been known; what is to come is not touched.

    Args:
        loan_ids: the loans.
        after: the day whose row stands.
        booking: who changes it, and on which business date.
        reprices: whether what was earned changes too, and not only what was to be paid.

    Raises:
        CannotAccrueError, PeriodClosedError: as `reprice`.
    """
    if after >= booking.entry_date:
        return
    if reprices:
        reprice(loan_ids=loan_ids, after=after, booking=booking)
    past_changed.send(sender=Loan, since=dict.fromkeys(loan_ids, after), booking=booking)


def _first_day(loan_ids: Sequence[int], through: date) -> date:
    """Return the first day that one of the loans lacks."""
    has = selectors.last_accrued(loan_ids)
    begun = Loan.objects.filter(id__in=loan_ids).values_list("id", "accrues_from")
    latest = (has.get(loan_id, accrues_from) for loan_id, accrues_from in begun)
    return min((day for day in latest if day), default=through) + timedelta(days=1)
