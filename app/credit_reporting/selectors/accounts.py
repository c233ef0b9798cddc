"""How every reportable loan stood at the end of a month: one statement, its rows streamed."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from credit_reporting.months import Month
from credit_reporting.selectors.accounts_sql import accounts_sql
from loans.scope import Scope

#: So many rows are in memory at a time.
BATCH = 2_000


class Account(NamedTuple):
    """A loan at the end of a month, in dollars and cents; what was said of it before, if anything was.

    Args:
        account_number: its number as bureaus take it; `is_ambiguous` if another loan has the same.
        identity: who owes, encrypted (`loans.identity`).
        planned: the instalment of the month; the payment as agreed where the plan has none.
        owed_principal: with `owed_interest` and `owed_fees` what the books say is owed.
        oldest_due: due date of the oldest instalment that is unpaid, or was until the loan was paid.
        late_through: principal and interest that payments must have come to for nothing to be 30 days late.
        all_is_late: whether the last instalment is among what is.
        late_since: the first day of the stretch of days, each at least 30 days past due, that reaches to the end.
        actual_payment: what came in during the month, less what was taken back.
        charged_off: principal, interest and fees.
        balloon_date: when the deferred arrears are due, with the last instalment, and `balloon_amount` that instalment.
        before: the first day of the latest month before this one in which it was reported; its record follows.
    """

    loan_id: int
    number: str
    account_number: str
    is_ambiguous: bool
    state: str
    identity: bytes
    portfolio_type: str
    account_type: str
    originated_on: date
    original_principal: Decimal
    term_months: int
    planned: Decimal
    is_variable: bool
    owed_principal: Decimal
    owed_interest: Decimal
    owed_fees: Decimal
    recovered: Decimal
    oldest_due: date | None
    late_through: Decimal | None
    all_is_late: bool
    late_since: date | None
    covered: Decimal
    charged_off: Decimal
    ended: str | None
    closed_on: date | None
    last_payment_on: date | None
    actual_payment: Decimal
    bankrupt_since: date | None
    is_deceased: bool
    in_forbearance: bool
    in_disaster: bool
    is_disputed: bool
    balloon_date: date | None
    balloon_amount: Decimal
    before: date | None
    before_status: str
    before_rating: str
    before_profile: str
    before_first_delinquency: date | None
    before_information: date | None
    before_charge_off: int
    before_indicator: str
    before_condition: str


def accounts(month: Month, *, loan_ids: Sequence[int] | None = None) -> Iterator[Account]:
    """Yield how every reportable loan stood at the end of a month, in the order of the loans; none is kept.

    Within a transaction. Reportable are loans that owe or did when they were last reported, loans paid in the month,
    and loans that were charged off until they are made good. Boarded loans that had ended are their last owner's.

    Args:
        month: the month, which is over.
        loan_ids: of these loans only.
    """
    scope = Scope(loan_ids)
    parameters = {
        "day": month.night,
        "end": month.end,
        "start": month.start,
        "late": month.night - timedelta(days=30),
        "earlier": month.earlier.start,
        "due_at": None,
        **scope.parameters,
    }
    with scope.cursor() as settings, connection.chunked_cursor() as cursor:
        # All rows are read: the plan that is quickest to the last one, not to the first.
        settings.execute("SET LOCAL cursor_tuple_fraction = 1")
        cursor.execute(accounts_sql(scope), parameters)
        while rows := cursor.fetchmany(BATCH):
            yield from map(Account._make, rows)
