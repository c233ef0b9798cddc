"""Money is exact: `Decimal` and `Fraction` in Python, `numeric` in SQL; rounded once, half to even by default.

The two roundings here are twins, tested against each other: one for Python, one as an expression for SQL.
"""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import ceil

from django.db import models

#: That of all books; its ISO 4217 code.
CURRENCY = "USD"
CENT = Decimal("0.01")
ZERO = Decimal("0.00")


class Rounding(models.TextChoices):
    """What becomes of exactly half a cent."""

    HALF_EVEN = "HALF_EVEN", "half to even"
    HALF_UP = "HALF_UP", "half away from zero"


def to_cents(amount: Decimal | Fraction | int, rounding: str = Rounding.HALF_EVEN) -> Decimal:
    """Return `amount` (dollars, exact) rounded to whole cents; fractions are not divided before they are rounded.

    Raises:
        TypeError: for a float, which is never money.
    """
    if isinstance(amount, float):
        raise TypeError(f"{amount!r} is a float; money is Decimal, Fraction or int.")
    if isinstance(amount, Fraction):
        return _fraction_to_cents(amount, rounding)
    with localcontext(prec=60):
        return Decimal(amount).quantize(CENT, ROUND_HALF_UP if rounding == Rounding.HALF_UP else ROUND_HALF_EVEN)


def ceiling_to_cents(amount: Fraction) -> Decimal:
    """Return `amount` (dollars) rounded up to the next whole cent, as lenders round a level payment."""
    return _from_cents(ceil(amount * 100))


def to_cents_sql(amount: str, rounding: str = f"'{Rounding.HALF_EVEN}'") -> str:
    """Return the SQL expression that rounds the numeric expression `amount` to cents as `to_cents` does.

    Postgres's own `round` takes half away from zero. That is right for every tie but one with an even cent below
    it, where the amount is half a cent from a multiple of two: then the tie is cut off instead. Over a million rows it
    takes a tenth more than `round` alone, and a seventh of what a function that Postgres cannot inline takes.

    Args:
        amount: a numeric expression, written three times: let it be a column.
        rounding: an expression that gives one of `Rounding`.
    """
    return (
        f"CASE WHEN abs(mod({amount}, 0.02)) = 0.005 AND {rounding} = '{Rounding.HALF_EVEN}'"
        f" THEN trunc({amount}, 2) ELSE round({amount}, 2) END"
    )


def _fraction_to_cents(amount: Fraction, rounding: str) -> Decimal:
    cents = abs(amount) * 100
    whole, rest = divmod(cents.numerator, cents.denominator)
    twice = 2 * rest
    if twice > cents.denominator or (twice == cents.denominator and (rounding == Rounding.HALF_UP or whole % 2)):
        whole += 1
    return _from_cents(whole if amount >= 0 else -whole)


def _from_cents(cents: int) -> Decimal:
    with localcontext(prec=60):
        return Decimal(cents).scaleb(-2)
