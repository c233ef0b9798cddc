"""Booking into the general ledger: every amount is debited to one account and credited to another."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from common.money import ZERO
from ledger.exceptions import PeriodClosedError
from ledger.models import JournalEntry, JournalLine
from ledger.selectors import last_closed


@dataclass(frozen=True, kw_only=True)
class Posting:
    """An amount (dollars) that goes from one account to another; a negative one goes the other way."""

    debit: str
    credit: str
    amount: Decimal


def refuse_closed(entry_date: date) -> None:
    """Refuse to book into a closed month or before one; the database refuses it too, in its own words.

    Raises:
        PeriodClosedError: the books are closed through that date.
    """
    closed = last_closed()
    if closed is not None and entry_date < closed.next_starts_on:
        raise PeriodClosedError(f"{closed.starts_on:%Y-%m}")


def reserve_entry() -> int:
    """Return the id of an entry to come, for the rows it will sum up are written before their sum is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('ledger_journalentry', 'id'))")
        entry_id: int = cursor.fetchone()[0]
    return entry_id


def open_entry(
    *,
    entry_date: date,
    kind: str,
    entry_id: int | None = None,
    run_id: int | None = None,
    due_at: datetime | None = None,
) -> JournalEntry:
    """Begin an entry; `post` completes it in the same transaction.

    Args:
        entry_date: the processing date, i.e. the run's business date.
        kind: what is booked.
        entry_id: from `reserve_entry`, if it was.
        run_id: the run in the ledger of runs; none when done by hand.
        due_at: when its window was due.
    """
    return JournalEntry.objects.create(id=entry_id, entry_date=entry_date, kind=kind, run_id=run_id, due_at=due_at)


def post(entry: JournalEntry, *postings: Posting) -> None:
    """Book amounts on an entry: two lines each, in one statement (the database refuses one that does not balance)."""
    JournalLine.objects.bulk_create(line for posting in postings for line in _lines(entry, posting))


def _lines(entry: JournalEntry, posting: Posting) -> tuple[JournalLine, JournalLine]:
    debit, credit = posting.debit, posting.credit
    if posting.amount < 0:
        debit, credit = credit, debit
    amount = abs(posting.amount)
    return (
        JournalLine(entry=entry, account_id=debit, debit=amount, credit=ZERO),
        JournalLine(entry=entry, account_id=credit, debit=ZERO, credit=amount),
    )
