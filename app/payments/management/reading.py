"""Reading what operators type."""

from argparse import ArgumentTypeError
from decimal import Decimal, InvalidOperation


def dollars(text: str) -> Decimal:
    """Read an amount for argparse.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ArgumentTypeError(f"{text!r} is not an amount like 17.01") from None
