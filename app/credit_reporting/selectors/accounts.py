"""How every reportable loan stood at the end of a month: one statement for some thousand loans at a time."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from psycopg import Cursor

from credit_reporting.months import Month
from credit_reporting.selectors.accounts_sql import AMBIGUOUS, accounts_sql
from loans.scope import Scope

#: So many loans are in memory at a time.
BATCH = 5_000
#: What `Account._make` takes. A plain tuple of plain values is no work for the garbage collector; thousands of accounts
#: that wait for their turn cost a month's file a tenth of its time.
Row = tuple[Any, ...]
_BATCHES = """
    SELECT min(id), max(id)
    FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(size)s AS batch FROM loans_loan) numbered
    GROUP BY batch ORDER BY batch"""


class Account(NamedTuple):
    """A loan at the end of a month, in dollars without their cents; what was said of it before, if anything was.

    Args:
        account_number: its number as bureaus take it; `is_ambiguous` if another loan has the same.
        identity: who owes, encrypted (`loans.identity`).
        planned: the instalment of the month; the payment as agreed where the plan has none.
        owed: what the books say is owed; of a charged-off loan, what was charged off and not recovered.
        late: what is 30 days late of principal and interest, with the fees.
        charged_off: principal, interest and fees; `is_made_good` if as much was recovered, to the cent.
        oldest_due: due date of the oldest instalment that is unpaid, or was until the loan was paid.
        late_since: the first day of the stretch of days, each at least 30 days past due, that reaches to the end.
        actual_payment: what came in during the month, less what was taken back.
        balloon_date: when the deferred arrears are due, with the last instalment, and `balloon_amount` that instalment;
            0 if it is no larger than another.
        before: the first day of the latest month before this one in which it was reported; its record follows.
    """

    loan_id: int
    number: str
    account_number: str
    is_ambiguous: bool
    identity: bytes
    portfolio_type: str
    account_type: str
    originated_on: date
    original_principal: int
    term_months: int
    planned: int
    is_variable: bool
    owed: int
    late: int
    charged_off: int
    is_made_good: bool
    oldest_due: date | None
    late_since: date | None
    ended: str | None
    closed_on: date | None
    last_payment_on: date | None
    actual_payment: int
    bankrupt_since: date | None
    is_deceased: bool
    in_forbearance: bool
    in_disaster: bool
    is_disputed: bool
    balloon_date: date | None
    balloon_amount: int
    before: date | None
    before_status: str
    before_rating: str
    before_profile: str
    before_first_delinquency: date | None
    before_information: date | None
    before_charge_off: int
    before_indicator: str
    before_condition: str


def accounts(month: Month, *, loan_ids: Sequence[int] | None = None) -> Iterator[list[Row]]:
    """Yield how every reportable loan stood at the end of a month, in the order of the loans, batch by batch.

    Within a transaction. Reportable are loans that owe or did when they were last reported, loans paid in the month,
    and loans that were charged off until they are made good. Boarded loans that had ended are their last owner's.

    Args:
        month: the month, which is over.
        loan_ids: of these loans only.
    """
    parameters = {
        "day": month.night,
        "end": month.end,
        "start": month.start,
        "late": month.night - timedelta(days=30),
        "earlier": month.earlier.start,
        "due_at": None,
        "ambiguous": _ambiguous(),
    }
    for scope in map(Scope, batches() if loan_ids is None else _sliced(loan_ids)):
        with scope.cursor():
            found = _fetched(accounts_sql(scope), {**parameters, **scope.parameters})
        yield found


def batches() -> list[range]:
    """Return the ids of all loans, as ranges of so many loans as are in memory at a time."""
    with connection.cursor() as cursor:
        cursor.execute(_BATCHES, {"size": BATCH})
        return [range(first, last + 1) for first, last in cursor]


def _fetched(statement: str, parameters: Mapping[str, object]) -> list[Row]:
    """Return the rows of a statement, from a cursor of psycopg's own.

    Postgres sends them in binary, which Django's cursors cannot take: that dates, sealed bytes and whole numbers become
    text and come back from it is a fifth of the statement's time.
    """
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        return cursor.execute(statement, parameters, binary=True).fetchall()


def _sliced(loan_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (loan_ids[at : at + BATCH] for at in range(0, len(loan_ids), BATCH))


def _ambiguous() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(AMBIGUOUS)
        return [account_number for (account_number,) in cursor]
