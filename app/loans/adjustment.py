"""What a variable rate becomes at a reset: the index and a margin, rounded, within the caps."""

from decimal import Decimal
from fractions import Fraction
from math import floor

from loans.models import VariableTerms


def fully_indexed(terms: VariableTerms, index_value: Decimal) -> Decimal:
    """Return index plus margin, to the nearest multiple of the loan's step; a tie goes up."""
    total = index_value + terms.margin
    if not terms.rounding_step:
        return total
    return floor(Fraction(total) / Fraction(terms.rounding_step) + Fraction(1, 2)) * terms.rounding_step


def capped(
    terms: VariableTerms, rate: Decimal, *, previous: Decimal, original: Decimal, is_first_reset: bool
) -> Decimal:
    """Return the rate that a reset sets: what the caps cut off is not carried over to a later reset.

    The floor and the cap for life prevail over the cap of one reset.

    Args:
        terms: the loan's.
        rate: fully indexed.
        previous: the rate before the reset.
        original: the loan's first rate, from which the cap for life counts.
        is_first_reset: whether the initial cap, if there is one, holds instead of the periodic one.
    """
    cap = terms.initial_cap if is_first_reset and terms.initial_cap is not None else terms.periodic_cap
    if cap is not None:
        rate = max(previous - cap, min(previous + cap, rate))
    if terms.life_cap is not None:
        rate = min(rate, original + terms.life_cap)
    return max(rate, terms.floor)
