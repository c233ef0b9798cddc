"""What every loan owes by the sub-ledger alone, to hold a file against: nothing here comes from what was reported."""

from collections.abc import Iterator

from django.db import connection

from credit_reporting.months import Month
from credit_reporting.selectors.accounts_sql import ACCOUNT_NUMBER
from loans.models import Transaction
from loans.selectors.as_of import AS_BOOKED

_BATCH = 10_000
# After a charge-off the books hold nothing; what the borrower owes is what was charged off and not recovered.
_OWED = f"""
    SELECT account_number, trunc(greatest(0, owed))::bigint FROM (
        SELECT {ACCOUNT_NUMBER} AS account_number,
               principal + interest + fees + coalesce(charged_off.amount, 0) - recovered AS owed
        FROM loans_loan loan
        JOIN ({AS_BOOKED}) booked ON booked.loan_id = loan.id
        LEFT JOIN (
            SELECT loan_id, -sum(principal + interest + fees) AS amount FROM loans_transaction
            WHERE kind = '{Transaction.Kind.CHARGE_OFF}' AND effective_date < %(day)s AND reversal_id IS NULL
            GROUP BY loan_id
        ) charged_off ON charged_off.loan_id = loan.id
    ) told"""


def sub_ledger(month: Month) -> Iterator[tuple[str, int]]:
    """Yield account number and balance, in whole dollars, of every loan as booked at the end of a month."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_OWED, {"day": month.night, "due_at": None})
        while rows := cursor.fetchmany(_BATCH):
            yield from rows
