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
#: Characters (RFC 5321, 4.5.3.1.3, less the brackets of a path).
LONGEST_EMAIL = 254

_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,14})?")
_EMAIL = re.compile(r"[!-?A-~]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
_BETWEEN_DIGITS = str.maketrans("", "", " -.()+")


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


def digits(pattern: str, what: str) -> Callable[[str], str]:
    """Return a parser of digits that people write with spaces and signs between; nothing is nothing."""
    fits = re.compile(pattern)

    def parse(value: str) -> str:
        bare = value.translate(_BETWEEN_DIGITS)
        if bare and not fits.fullmatch(bare):
            raise ValueError(f"is not {what}")
        return bare

    return parse


def phone(value: str) -> str:
    """Return the ten digits of a telephone number, without the country's."""
    return _phone(value)[-10:]


def email(value: str) -> str:
    """Return an address that mail could be sent to, or nothing."""
    if value and not (len(value) <= LONGEST_EMAIL and _EMAIL.fullmatch(value)):
        raise ValueError("is not an e-mail address")
    return value


def yes(value: str) -> bool:
    """Return whether a value says yes; nothing says no."""
    if value not in {"", "yes"}:
        raise ValueError("is neither yes nor empty")
    return bool(value)


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
_phone = digits("1?[2-9][0-9]{9}", "a telephone number of ten digits")

#: Who owes (`loans.identity.Identity`); a tape need not say. The state is that of the line.
IDENTITY: dict[str, Parser] = {
    "surname": text(80),
    "first_name": text(80),
    "middle_name": text(80),
    "generation": text(4),
    "ssn": digits("[0-9]{9}", "a number of nine digits"),
    "birth_date": iso_date,
    "phone": phone,
    "email": email,
    "address_1": text(80),
    "address_2": text(80),
    "city": text(40),
    "zip": digits("[0-9]{5}([0-9]{4})?", "a ZIP code of five or nine digits"),
    "synthetic": yes,
}
