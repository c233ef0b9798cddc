"""Writes debits as a NACHA file; the same debits are the same bytes, and a debit that will not do leaves no file."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from string import ascii_uppercase, digits

from payments.ach.exceptions import BadNumberError, BadOriginatorError, BadSubmissionError
from payments.ach.files import DEBITS_ONLY, Batch, Totals, render, total
from payments.ach.layouts import ENTRY, FILE_HEADER
from payments.ach.values import account_field, cents, check_routing_number, id_field, name_field, text_field
from payments.processors.exceptions import BadDebitError
from payments.processors.port import NUMBERS, AccountType, Debit, Originator, Submission

DEBIT_CODES = {AccountType.CHECKING: "27", AccountType.SAVINGS: "37"}
FILE_ID_MODIFIERS = ascii_uppercase + digits
#: What the borrower reads on the statement. The text of a retry is prescribed (Nacha, reinitiated entries).
DESCRIPTION, RETRY_DESCRIPTION = "LOAN PYMT", "RETRY PYMT"
COMPANY_NAME_LENGTH, COMPANY_ID_LENGTH, BANK_NAME_LENGTH = 16, 10, 23


def debit_file(originator: Originator, submission: Submission) -> bytes:
    """Return the file of a submission: first entries and retries in batches apart, one for each effective date.

    Raises:
        BadDebitError: naming the debit and what to correct in it.
        BadOriginatorError: if the company or its bank cannot be written.
        BadSubmissionError: if there is no debit, or a total does not fit its field.
    """
    check_originator(originator)
    _check_submission(submission)
    ordered = sorted(submission.debits, key=lambda debit: (*_batch_key(debit), debit.number % NUMBERS))
    batches = [_batch(originator, *key, list(debits)) for key, debits in groupby(ordered, key=_batch_key)]
    return render(_file_header(originator, submission), batches)


def trace_number(originator: Originator, number: int) -> str:
    """Return the 15 digits by which the banks know a debit: the originating bank, and the debit's number."""
    return f"{originator.bank_routing[:8]}{number % NUMBERS:07d}"


def check_debit(debit: Debit) -> None:
    """Refuse a debit that could not be written.

    Raises:
        BadDebitError: naming the debit and what to correct in it.
    """
    _entry_fields(debit)


def check_originator(originator: Originator) -> None:
    """Refuse a company or a bank that could not be written; nothing here is ever cut.

    Raises:
        BadOriginatorError: saying what to correct.
    """
    try:
        check_routing_number(originator.bank_routing)
        _check_width("company name", originator.company_name, COMPANY_NAME_LENGTH)
        _check_width("company identification", originator.company_id, COMPANY_ID_LENGTH)
        _check_width("bank's name", originator.bank_name, BANK_NAME_LENGTH)
    except BadDebitError as error:
        raise BadOriginatorError(f"The company cannot originate: {error}") from error


def _check_width(what: str, value: str, width: int) -> None:
    if not value.strip() or text_field(value, f"The {what}") != value:
        raise BadOriginatorError(f"The {what} {value!r} must be ASCII, without blanks around it: enter it so.")
    if len(value) > width:
        raise BadOriginatorError(f"The {what} {value!r} is longer than {width} characters: shorten it with the bank.")


def _check_submission(submission: Submission) -> None:
    if not submission.debits:
        raise BadSubmissionError(f"Submission {submission.key} has no debits: send none.")
    if not 0 <= submission.ordinal < len(FILE_ID_MODIFIERS):
        raise BadSubmissionError(f"A day has 36 submissions, 0 to 35, not one more ({submission.ordinal}): join some.")
    if submission.created_at.tzinfo is None:
        raise BadSubmissionError(f"{submission.created_at} has no time zone: give the business clock's time.")
    if len({debit.number % NUMBERS for debit in submission.debits}) < len(submission.debits):
        raise BadNumberError(f"Two debits of {submission.key} have one number (mod {NUMBERS}): send them apart.")


def _batch_key(debit: Debit) -> tuple[date, bool]:
    return debit.effective_on, debit.is_retry


def _batch(originator: Originator, effective_on: date, is_retry: bool, debits: Sequence[Debit]) -> Batch:  # noqa: FBT001 - a part of the key.
    header = {
        "service_class": DEBITS_ONLY,
        "company_name": originator.company_name,
        "company_id": originator.company_id,
        "entry_class": "PPD",
        "description": RETRY_DESCRIPTION if is_retry else DESCRIPTION,
        "effective_on": f"{effective_on:%y%m%d}",
        "originating_bank": originator.bank_routing[:8],
    }
    return Batch(header, list(_entries(originator, debits)), total(map(_totals, debits)))


def _totals(debit: Debit) -> Totals:
    return Totals(1, int(debit.routing_number[:8]), cents(debit.amount))


def _entries(originator: Originator, debits: Iterable[Debit]) -> Iterable[str]:
    for debit in debits:
        yield ENTRY.render(**_entry_fields(debit), trace=trace_number(originator, debit.number))


def _entry_fields(debit: Debit) -> dict[str, object]:
    try:
        check_routing_number(debit.routing_number)
        return {
            "transaction_code": DEBIT_CODES[debit.account_type],
            "routing_number": debit.routing_number,
            "account_number": account_field(debit.account_number),
            "cents": cents(debit.amount),
            "individual_id": id_field(debit.individual_id),
            "individual_name": name_field(debit.name),
        }
    except BadDebitError as error:
        raise type(error)(f"Debit {debit.number} ({debit.individual_id}): {error}") from error


def _file_header(originator: Originator, submission: Submission) -> str:
    return FILE_HEADER.render(
        immediate_destination=f" {originator.bank_routing}",
        immediate_origin=originator.company_id.rjust(COMPANY_ID_LENGTH),
        created_on=f"{submission.created_at:%y%m%d}",
        created_at=f"{submission.created_at:%H%M}",
        file_id_modifier=FILE_ID_MODIFIERS[submission.ordinal],
        destination_name=originator.bank_name,
        origin_name=originator.company_name,
    )
