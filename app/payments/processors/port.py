"""What Matins asks of whoever collects debits, in words that no single payment network owns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from django.db import models

#: A debit's number comes back modulo this; more debits than that never wait for a return at the same time.
NUMBERS = 10_000_000


class AccountType(models.TextChoices):
    """The kinds of bank account that can be debited."""

    CHECKING = "CHECKING", "checking"
    SAVINGS = "SAVINGS", "savings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Originator:
    """Who collects, as the banks know it.

    Args:
        company_name: up to 16 characters, shown on the borrower's bank statement.
        company_id: the ten characters that the bank assigned, mostly "1" and the tax number.
        bank_routing: the nine-digit routing number of the bank that originates for the company (the ODFI).
        bank_name: that bank's name, up to 23 characters.
    """

    company_name: str
    company_id: str
    bank_routing: str
    bank_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """One amount to be collected from one account.

    Args:
        number: the attempt's own number; it comes back, modulo `NUMBERS`, with a return.
        individual_id: who pays, up to 15 characters, mostly the loan's number; a retry repeats it.
        amount: dollars and whole cents.
        effective_on: the banking day on which it shall settle.
        is_retry: whether it repeats a debit that was returned.
    """

    number: int
    individual_id: str
    name: str
    routing_number: str
    account_number: str = field(repr=False)
    account_type: AccountType = AccountType.CHECKING
    amount: Decimal
    effective_on: date
    is_retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Debits that go out together, once, whatever is sent twice.

    Args:
        key: the idempotency key: up to 100 letters, digits, dots, hyphens and underscores.
        created_at: when it was written (aware); it appears in what the bank gets.
        ordinal: 0 for the day's first submission, up to 35: banks tell the files of one day apart by it.
    """

    key: str
    created_at: datetime
    debits: Sequence[Debit]
    ordinal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the processor answered: accepted, or rejected as a whole with a reason."""

    key: str
    accepted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A debit that came back unpaid.

    Args:
        number: the debit's number modulo `NUMBERS`; the newest debit with it is meant.
        code: why, as a key of `payments.ach.return_codes.CATALOGUE`.
        trace: the mark under which the banks know the debit.
        returned_on: the date on which the payment is reversed.
        source: where this was read.
    """

    number: int
    individual_id: str
    amount: Decimal
    code: str
    trace: str
    returned_on: date
    source: str
    date_of_death: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A bank's notice of what to change before the next debit.

    Args:
        code: C01 and up: which field.
        corrected: what it should hold.
    """

    number: int
    individual_id: str
    code: str
    corrected: str
    trace: str
    notified_on: date
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A source that could not be read; nothing of it was taken, and the next poll tries it again."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPage:
    """What has come back since a cursor; `cursor` is where the next poll begins."""

    returns: Sequence[Return]
    corrections: Sequence[Correction]
    refusals: Sequence[Refusal]
    cursor: str


class PaymentProcessor(Protocol):
    """Collects debits. Every method may be called by several processes at once, and any number of times."""

    def check(self, debit: Debit) -> None:
        """Refuse a debit that could not be sent, before a whole submission fails for it.

        Raises:
            BadDebitError: saying what to correct.
        """

    def submit(self, submission: Submission) -> Receipt:
        """Send the debits under the submission's key; a key sent again sends nothing and gets the same answer.

        Raises:
            BadDebitError: nothing was sent.
            KeyReusedError: the key stands for other debits.
            UnknownOutcomeError: ask `status` before anything else.
        """

    def status(self, key: str) -> Receipt | None:
        """Return the answer to what was sent under `key`; None if it never arrived, and may be sent again.

        Raises:
            UnknownOutcomeError: the processor cannot be reached; ask again later.
        """

    def returns(self, *, since: str, until: date) -> ReturnPage:
        """Return what came back after the cursor `since` ("" at first) and is dated no later than `until`.

        A night that runs late passes the date of a night on time, and sees what that one would have seen.
        """
