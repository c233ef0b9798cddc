"""What may stand in a field: routing and account numbers, amounts and names, checked before any record is written."""

import re
from decimal import Decimal

from anyascii import anyascii

from common.money import to_cents
from payments.ach.exceptions import BadAccountError, BadAmountError, BadNameError, BadRoutingNumberError

LARGEST_AMOUNT = Decimal("99999999.99")
NAME_LENGTH, INDIVIDUAL_ID_LENGTH = 22, 15
_ROUTING = re.compile(r"\d{9}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9A-Za-z-]{1,17}")
_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)


def check_routing_number(value: str) -> None:
    """Refuse what is no routing number (ABA: the digits weighed 3, 7, 1 add up to a multiple of ten).

    Raises:
        BadRoutingNumberError: saying what to correct.
    """
    if not _ROUTING.fullmatch(value):
        raise BadRoutingNumberError(f"The routing number {value!r} is not nine digits: ask for it again.")
    if sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, value, strict=True)) % 10:
        raise BadRoutingNumberError(f"The check digit of the routing number {value} is wrong: ask for it again.")


def account_field(value: str) -> str:
    """Return an account number as it is written: without blanks, up to 17 letters, digits and hyphens.

    Raises:
        BadAccountError: naming only the last four characters.
    """
    account = value.replace(" ", "")
    if not _ACCOUNT.fullmatch(account):
        raise BadAccountError(
            f"The account number ending in {account[-4:]!r} is not 1 to 17 letters, digits and hyphens: "
            "ask for the number of the account itself, not of its card."
        )
    return account


def cents(amount: Decimal) -> int:
    """Return an amount (dollars) as the cents of an entry.

    Raises:
        BadAmountError: if it is not positive, not whole cents, or over 99,999,999.99.
    """
    if not amount.is_finite() or not 0 < amount <= LARGEST_AMOUNT:
        raise BadAmountError(f"An entry of {amount} cannot be collected: it must be from 0.01 to {LARGEST_AMOUNT}.")
    if amount != to_cents(amount):
        raise BadAmountError(f"An entry of {amount} is not whole cents: round it first.")
    return int(amount * 100)


def text_field(value: str, what: str) -> str:
    """Return a text in the characters of ACH: other scripts and accents are transliterated, blanks made single.

    Raises:
        BadNameError: if nothing is left, or what is left cannot be written.
    """
    text = " ".join(anyascii(value).split())
    if not text or not text.isprintable():
        raise BadNameError(f"{what} {value!r} cannot be written in ASCII: enter it in Latin letters.")
    return text


def name_field(value: str) -> str:
    """Return a name as an entry bears it: in ASCII, its first 22 characters.

    Raises:
        BadNameError: if nothing of it can be written.
    """
    return text_field(value, "The name")[:NAME_LENGTH].rstrip()


def id_field(value: str) -> str:
    """Return an individual's identification; never cut, as two might then be one.

    Raises:
        BadNameError: if it is empty or longer than 15 characters.
    """
    text = text_field(value, "The identification")
    if len(text) > INDIVIDUAL_ID_LENGTH:
        raise BadNameError(f"The identification {text!r} is longer than 15 characters: use the loan's number.")
    return text
