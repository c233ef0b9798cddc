"""What was told of a month, and who owes it."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from credit_reporting.months import Month
from credit_reporting.selectors.accounts import batches
from credit_reporting.stating import Stated
from loans.scope import Scope

_RECORDS = f"""
    SELECT loan.id, loan.number, borrower.identity, {", ".join(f"record.{column}" for column in Stated._fields)}
    FROM credit_reporting_reportedrecord record
    JOIN loans_loan loan ON loan.id = record.loan_id
    JOIN loans_borrower borrower ON borrower.id = loan.borrower_id
    WHERE record.activity_month = %(start)s AND record.superseded_in_id IS NULL {{of_loan}}
    ORDER BY loan.id"""


class Told(NamedTuple):
    """A record that was told and still holds; who owes is sealed."""

    loan_id: int
    number: str
    identity: bytes
    said: Stated


def records(month: Month) -> Iterator[list[Told]]:
    """Yield the records of a month that still hold, in the order of the loans, batch by batch."""
    for scope in map(Scope, batches()):
        with connection.cursor() as cursor:
            of_loan = scope.of("record.loan_id")
            cursor.execute(_RECORDS.format(of_loan=of_loan), {"start": month.start, **scope.parameters})
            found = [Told(loan, number, identity, Stated._make(said)) for loan, number, identity, *said in cursor]
        yield found
