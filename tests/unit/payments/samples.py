"""A company, its bank, and debits that differ from a sound one in what a test names."""

from datetime import UTC, date, datetime
from decimal import Decimal

from payments.ach.writing import debit_file
from payments.processors.port import Debit, Originator, Submission

ORIGINATOR = Originator(
    company_name="ACME LENDING", company_id="1234567890", bank_routing="091000019", bank_name="WELLS FARGO BANK"
)
THURSDAY, FRIDAY = date(2024, 1, 4), date(2024, 1, 5)
MORNING = datetime(2024, 1, 4, 6, 15, tzinfo=UTC)
SOUND = {
    "number": 1,
    "individual_id": "LC000001",
    "name": "Ann Lee",
    "routing_number": "021000021",
    "account_number": "12345678",
    "amount": Decimal("125.45"),
    "effective_on": FRIDAY,
}


def a_debit(**changed):
    return Debit(**{**SOUND, **changed})


def a_submission(*debits, **changed):
    return Submission(**{"key": "acme-2024-01-04", "created_at": MORNING, "debits": debits or (a_debit(),), **changed})


def a_file(*debits, **changed):
    return debit_file(ORIGINATOR, a_submission(*debits, **changed))
