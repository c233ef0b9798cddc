"""What operators type for money and rates, read exactly."""

from argparse import ArgumentTypeError
from decimal import Decimal, InvalidOperation


def percentage(text: str) -> Decimal:
    """Read a percentage for argparse; return it as it is, 4.375 for 4.375 %.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _number(text, "a percentage such as 4.375")


def dollars(text: str) -> Decimal:
    """Read an amount for argparse.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _number(text, "an amount such as 250.00")


def _number(text: str, kind: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is not {kind}") from None
    if not value.is_finite():
        raise ArgumentTypeError(f"{text!r} is not {kind}")
    return value
