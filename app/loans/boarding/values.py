"""How each column of a tape is read; a value that cannot be is refused with the reason."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from loans.models import Closure

Parser = Callable[[str], Any]

CURRENT = "Current"
CLOSED = {"Fully Paid": Closure.Reason.FULLY_PAID, "Charged Off": Closure.Reason.CHARGED_OFF}
#: By status, how many days before the transfer the oldest unpaid instalment fell due at least (settled rule 22).
DAYS_LATE = {"In Grace Period": 0, "Late (16-30 days)": 16, "Late (31-120 days)": 31}
STATUSES = {CURRENT, *CLOSED, *DAYS_LATE}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONGEST_TERM = 600

_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,14})?")


def text(limit: int, *, required: bool = False) -> Parser:
    """Return a parser of up to `limit` printable characters."""

    def parse(value: str) -> str:
        if required and not value:
            raise ValueError("is empty")
        if len(value) > limit or not value.isprintable():
            raise ValueError(f"is not a text of at most {limit} characters")
        return value

    return parse


def decimal(what: str, *, below: int = 10**12, places: int = 14, above: int = -1) -> Parser:
    """Return a parser of unsigned decimals."""

    def parse(value: str) -> Decimal:
        number = Decimal(value) if _DECIMAL.fullmatch(value) else None
        if number is None or not above < number < below or round(number, places) != number:
            raise ValueError(f"is not {what}")
        return number

    return parse


def term(value: str) -> int:
    """Return a number of months."""
    if not re.fullmatch("[0-9]{1,3}", value) or not 0 < int(value) <= LONGEST_TERM:
        raise ValueError(f"is not a term of 1 to {LONGEST_TERM} months")
    return int(value)


def month(value: str) -> date:
    """Return the first day of a month such as `Mar-2018`."""
    name, _, year = value.partition("-")
    if name not in MONTHS or not re.fullmatch("[12][0-9]{3}", year):
        raise ValueError("is not a month such as Mar-2018")
    return date(int(year), MONTHS.index(name) + 1, 1)


def status(value: str) -> str:
    """Return a loan status of the tape."""
    if value not in STATUSES:
        raise ValueError(f"is none of {', '.join(sorted(STATUSES))}")
    return value


def iso_date(value: str) -> date | None:
    """Return a date, or None for an empty value."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise ValueError("is not a date such as 1980-12-31") from None


def ssn(value: str) -> str:
    """Return nine digits, or an empty text."""
    digits = value.replace("-", "")
    if digits and not re.fullmatch("[0-9]{9}", digits):
        raise ValueError("is not a number of nine digits")
    return digits


_amount = decimal("an amount in dollars and cents", places=2)
_positive_amount = decimal("an amount in dollars and cents above zero", places=2, above=0)
_memo_amount = decimal("an amount in dollars")

COLUMNS: dict[str, Parser] = {
    "loan_number": text(40, required=True),
    "state": text(2),
    "homeownership": text(20),
    "annual_income": _amount,
    "loan_purpose": text(40),
    "application_type": text(20),
    "loan_amount": _positive_amount,
    "term": term,
    "interest_rate": decimal("a percentage a year below 100", below=100, places=6),
    "installment": _positive_amount,
    "grade": text(2),
    "sub_grade": text(3),
    "issue_month": month,
    "loan_status": status,
    "disbursement_method": text(20),
    "balance": _amount,
    "paid_total": _memo_amount,
    "paid_principal": _memo_amount,
    "paid_interest": _memo_amount,
    "paid_late_fees": _memo_amount,
}
#: Who owes; a tape need not say.
IDENTITY: dict[str, Parser] = {"surname": text(80), "first_name": text(80), "ssn": ssn, "birth_date": iso_date}
