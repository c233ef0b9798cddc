"""What was told of a month, and who owes it."""

from collections.abc import Iterator

from django.db import connection

from credit_reporting.months import Month
from credit_reporting.selectors.accounts import BATCH
from credit_reporting.stating import Stated

STATED = ", ".join(Stated._fields)
_RECORDS = f"""
    SELECT loan.id, loan.number, borrower.identity, {", ".join(f"record.{column}" for column in Stated._fields)}
    FROM credit_reporting_reportedrecord record
    JOIN loans_loan loan ON loan.id = record.loan_id
    JOIN loans_borrower borrower ON borrower.id = loan.borrower_id
    WHERE record.activity_month = %(start)s AND record.superseded_in_id IS NULL
    ORDER BY loan.id"""


def records(month: Month) -> Iterator[tuple[int, str, Stated, bytes]]:
    """Yield the records of a month that still hold, in the order of the loans: loan id, number, record, identity."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_RECORDS, {"start": month.start})
        while rows := cursor.fetchmany(BATCH):
            for loan_id, number, identity, *said in rows:
                yield loan_id, number, Stated._make(said), identity
