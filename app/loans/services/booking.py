"""Movements of loans' balances and their journal entries, any number of them in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from ledger.accounts import Code
from ledger.services import refuse_closed
from loans.models import Transaction

Kind = Transaction.Kind

#: The accounts that take what a kind adds to principal, interest and fees; what balances itself needs none.
COUNTER_ACCOUNTS: dict[str, tuple[Code, Code, Code]] = {
    Kind.FEE: (Code.CL, Code.CL, Code.FI),
    Kind.FEE_REVERSAL: (Code.CL, Code.CL, Code.FI),
    Kind.WAIVER: (Code.CO, Code.COI, Code.COF),
    Kind.DEFERRED_INTEREST: (Code.CL, Code.II, Code.CL),
    Kind.CHARGE_OFF: (Code.CO, Code.COI, Code.COF),
}
CASH = (Code.CL, Code.CL, Code.CL)


@dataclass(frozen=True, kw_only=True)
class Booking:
    """Who books, and when.

    Args:
        entry_date: the processing date, i.e. the run's business date (settled rule 14).
        run_id: the run in the ledger of runs; none when done by hand.
        due_at: when its window was due.
    """

    entry_date: date
    run_id: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Booked:
    """How many movements were booked, and their sums in dollars, signed as in `Transaction`."""

    rows: int
    principal: Decimal
    interest: Decimal
    fees: Decimal
    overpaid: Decimal
    recovered: Decimal


def book(movements: str, parameters: Mapping[str, Any], *, kind: str, booking: Booking) -> Booked:
    """Write movements of one kind, each with a journal entry of its own, in one statement.

    Args:
        movements: a SELECT of loan_id, effective_date, principal, interest, fees, overpaid, recovered, reference.
        parameters: what it takes.
        kind: one of `Transaction.Kind`.
        booking: who books.

    Raises:
        PeriodClosedError: the entry's month is closed.
    """
    refuse_closed(booking.entry_date)
    with connection.cursor() as cursor:
        cursor.execute(
            _book(movements, COUNTER_ACCOUNTS.get(kind, CASH)),
            {
                **parameters,
                "kind": kind,
                "entry_date": booking.entry_date,
                "run_id": booking.run_id,
                "due_at": booking.due_at,
            },
        )
        return Booked(**dict(zip(Booked.__dataclass_fields__, cursor.fetchone(), strict=True)))


def book_one(
    *,
    loan_id: int,
    kind: str,
    effective_date: date,
    booking: Booking,
    principal: Decimal = Decimal(0),
    interest: Decimal = Decimal(0),
    fees: Decimal = Decimal(0),
    overpaid: Decimal = Decimal(0),
    recovered: Decimal = Decimal(0),
    reference: str = "",
) -> Booked:
    """Write one movement; see `book`."""
    parameters = {
        "loan_id": loan_id,
        "effective_date": effective_date,
        "principal": principal,
        "interest": interest,
        "fees": fees,
        "overpaid": overpaid,
        "recovered": recovered,
        "reference": reference,
    }
    one = """SELECT %(loan_id)s AS loan_id, %(effective_date)s::date AS effective_date, %(principal)s AS principal,
        %(interest)s AS interest, %(fees)s AS fees, %(overpaid)s AS overpaid, %(recovered)s AS recovered,
        %(reference)s AS reference"""
    return book(one, parameters, kind=kind, booking=booking)


def _book(movements: str, counters: tuple[Code, Code, Code]) -> str:
    """Return the statement: receivables on one side, the counter-accounts on the other, line by line of an entry.

    An amount's account gets it as a debit if positive, as a credit if negative; what goes to one account twice is
    added up first, so that interest that becomes principal does not pass through cash.
    """
    principal, interest, fees = counters
    return f"""
        WITH movement AS MATERIALIZED (
            SELECT nextval(entries.sequence) AS entry_id, moved.*
            FROM (SELECT pg_get_serial_sequence('ledger_journalentry', 'id')::regclass AS sequence) entries,
                 ({movements}) moved
        ),
        entry AS (
            INSERT INTO ledger_journalentry (id, entry_date, kind, run_id, due_at)
            SELECT entry_id, %(entry_date)s, %(kind)s, %(run_id)s, %(due_at)s FROM movement
        ),
        line AS (
            INSERT INTO ledger_journalline (entry_id, account_id, debit, credit)
            SELECT entry_id, side.account, greatest(sum(side.amount), 0), greatest(-sum(side.amount), 0)
            FROM movement CROSS JOIN LATERAL (
                VALUES ('{Code.LR}', principal), ('{Code.IR}', interest), ('{Code.FR}', fees),
                       ('{principal}', -principal), ('{interest}', -interest), ('{fees}', -fees),
                       ('{Code.OVP}', -overpaid), ('{Code.REC}', -recovered), ('{Code.CL}', overpaid + recovered)
            ) AS side (account, amount)
            GROUP BY entry_id, side.account HAVING sum(side.amount) <> 0
        ),
        written AS (
            INSERT INTO loans_transaction (
                loan_id, kind, effective_date, principal, interest, fees, overpaid, recovered, reference, entry_id,
                due_at
            )
            SELECT loan_id, %(kind)s, effective_date, principal, interest, fees, overpaid, recovered, reference,
                   entry_id, %(due_at)s
            FROM movement ORDER BY entry_id
            RETURNING principal, interest, fees, overpaid, recovered
        )
        SELECT count(*), coalesce(sum(principal), 0), coalesce(sum(interest), 0), coalesce(sum(fees), 0),
               coalesce(sum(overpaid), 0), coalesce(sum(recovered), 0)
        FROM written"""
