"""What is odd about a line that boards all the same; nothing is corrected."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from common.money import ceiling_to_cents
from loans.boarding.values import CLOSED, CURRENT, DAYS_LATE
from loans.models import TapeRow
from loans.schedule import level_payment

_MEMO = ("paid_total", "paid_principal", "paid_interest", "paid_late_fees")


def quirks(row: TapeRow) -> Iterator[str]:
    """Yield every oddity of a line."""
    yield from _of_payment(row)
    yield from _of_balance(row)
    yield from _of_dates(row)
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


@lru_cache(maxsize=4096)
def _payment_of_one(interest_rate: Decimal, term: int) -> Fraction:
    """Return the exact level payment for one dollar; a tape has few rates and terms."""
    return level_payment(1, [Fraction(interest_rate) / 1200] * term)
