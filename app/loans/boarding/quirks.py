"""What is odd about a line that boards all the same; nothing is corrected."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from common.money import ceiling_to_cents
from loans.boarding.values import CLOSED, CURRENT, DAYS_LATE
from loans.identity import NOBODY, Identity
from loans.models import TapeRow
from loans.schedule import level_payment

#: Areas 000, 666 and 900 up, group 00 and serial 0000 (SSA, POMS RM 10201.035).
_NEVER_ISSUED = re.compile(r"000|666|9|\d{3}00|\d{5}0000")
_YOUNGEST, _ELDEST = 18, 120
_MEMO = ("paid_total", "paid_principal", "paid_interest", "paid_late_fees")


def quirks(row: TapeRow) -> Iterator[str]:
    """Yield every oddity of a line."""
    yield from _of_payment(row)
    yield from _of_balance(row)
    yield from _of_dates(row)
    if row.identity != NOBODY and not row.identity.synthetic:
        yield from _of_identity(row.identity, row.issued_on)
    if row.application_type == "joint" and not row.annual_income:
        yield "annual_income is 0 on a joint application"
    for column in _MEMO:
        if (value := getattr(row, column)) != round(value, 2):
            yield f"{column} {value} has more than two decimals"


def _of_payment(row: TapeRow) -> Iterator[str]:
    expected = ceiling_to_cents(Fraction(row.loan_amount) * _payment_of_one(row.interest_rate, row.term))
    if row.installment != expected:
        yield f"installment {row.installment} is not the annuity payment rounded up, {expected}"
    if row.oldest_due and row.installment * 1200 <= row.balance * row.interest_rate:
        yield f"installment {row.installment} does not cover a month's interest"


def _of_balance(row: TapeRow) -> Iterator[str]:
    if row.balance != row.loan_amount - row.paid_principal:
        yield f"balance {row.balance} is not loan_amount less paid_principal, {row.loan_amount - row.paid_principal}"
    if row.loan_status in CLOSED and row.balance:
        yield f"{row.loan_status} with a balance of {row.balance}"
    if row.loan_status not in CLOSED and not row.balance:
        yield f"{row.loan_status} with a balance of 0"
    if row.loan_status in DAYS_LATE and not row.paid_total:
        yield f"{row.loan_status} with nothing ever paid"


def _of_dates(row: TapeRow) -> Iterator[str]:
    if row.oldest_due is None:
        return
    by = row.as_of - timedelta(days=DAYS_LATE.get(row.loan_status, 0))
    if row.loan_status in DAYS_LATE and row.oldest_due > by:
        yield f"{row.loan_status}, but no instalment was due by {by}"
    if row.loan_status == CURRENT and row.oldest_due <= by:
        yield f"{row.loan_status}, but its last instalment was due on {row.oldest_due}"


def _of_identity(who: Identity, issued_on: date) -> Iterator[str]:
    """Yield what is odd about who owes, without repeating any of it."""
    if not who.surname:
        yield "surname is empty"
    if not who.ssn and not who.birth_date:
        yield "neither ssn nor birth_date is given: no credit bureau takes such a borrower"
    if _NEVER_ISSUED.match(who.ssn):
        yield "ssn is a number that was never issued"
    if who.birth_date and not _YOUNGEST <= issued_on.year - who.birth_date.year <= _ELDEST:
        yield f"birth_date does not make the borrower {_YOUNGEST} to {_ELDEST} years old when the loan was issued"
    missing = [name for name in ("address_1", "city", "zip") if not getattr(who, name)]
    if len(missing) in {1, 2}:
        yield f"the address lacks {' and '.join(missing)}"


@lru_cache(maxsize=4096)
def _payment_of_one(interest_rate: Decimal, term: int) -> Fraction:
    """Return the exact level payment for one dollar; a tape has few rates and terms."""
    return level_payment(1, [Fraction(interest_rate) / 1200] * term)
