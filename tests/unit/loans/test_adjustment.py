"""What a variable rate becomes at a reset, by published cases and by the rule."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loans.adjustment import capped, fully_indexed
from loans.models import VariableTerms

D = Decimal


def terms(**options):
    """Return terms in percent."""
    percent = {name: D(value) / 100 for name, value in options.items()}
    return VariableTerms(**{"margin": D(0), "rounding_step": D(0), "floor": D(0), **percent})


def rate(its, *, previous="5.000", original="3.500", index="4.375", is_first_reset=False):
    """Return the rate in percent that a reset sets."""
    adjusted = capped(
        its,
        fully_indexed(its, D(index) / 100),
        previous=D(previous) / 100,
        original=D(original) / 100,
        is_first_reset=is_first_reset,
    )
    return adjusted * 100


def test_the_published_case_stops_at_the_periodic_cap():
    arm = terms(margin="2.75", periodic_cap="2", life_cap="5", rounding_step="0.125")
    assert fully_indexed(arm, D("0.04375")) == D("0.07125")
    assert rate(arm) == D("7.000")


@pytest.mark.parametrize(
    ("index", "rounded"),
    [("4.31", "7.000"), ("4.3125", "7.125"), ("4.31249999", "7.000"), ("4.1875", "7.000"), ("4.18749999", "6.875")],
)
def test_the_nearest_eighth_is_taken_and_a_tie_goes_up(index, rounded):
    # 4.31 + 2.75 = 7.06; 4.3125 + 2.75 = 7.0625, halfway between 7.000 and 7.125.
    arm = terms(margin="2.75", rounding_step="0.125")
    assert fully_indexed(arm, D(index) / 100) == D(rounded) / 100


def test_without_a_step_nothing_is_rounded():
    assert fully_indexed(terms(margin="2.75"), D("0.0431")) == D("0.0706")


def test_a_tie_below_zero_goes_up_too():
    assert fully_indexed(terms(rounding_step="0.125"), D("-0.000625")) == 0


def test_the_first_reset_has_a_cap_of_its_own():
    arm = terms(margin="2.75", initial_cap="1", periodic_cap="2")
    assert rate(arm, is_first_reset=True) == D("6")
    assert rate(arm, is_first_reset=False) == D("7")


def test_a_reset_falls_no_further_than_the_cap_either():
    assert rate(terms(periodic_cap="2"), index="0.5") == D("3")


def test_the_cap_for_life_counts_from_the_first_rate_and_prevails():
    assert rate(terms(margin="2.75", periodic_cap="2", life_cap="3"), original="3.500") == D("6.500")


def test_the_floor_prevails_over_the_periodic_cap():
    assert rate(terms(floor="4.5", periodic_cap="1"), previous="3", index="1") == D("4.5")


def test_without_caps_the_index_decides():
    assert rate(terms(margin="2.75"), index="40") == D("42.75")
    assert rate(terms(margin="2.75"), index="-9") == 0


def test_what_a_cap_cuts_off_is_not_carried_over():
    arm = terms(margin="2.75", periodic_cap="2")
    first = rate(arm, index="6.25")
    assert first == D("7")
    # The index fell to 4: 6.75, although 9 had been due the year before.
    assert rate(arm, previous=str(first), index="4") == D("6.75")


rates = st.decimals("-0.05", "0.25", places=6)


@given(rates, st.integers(1, 100).map(lambda n: D(n) / 8000))
def test_a_rounded_rate_is_a_multiple_of_the_step_and_none_is_nearer(index, step):
    its = VariableTerms(margin=D(0), rounding_step=step)
    rounded = Fraction(fully_indexed(its, index))
    assert (rounded / Fraction(step)).denominator == 1
    distance = rounded - Fraction(index)
    assert -Fraction(step) / 2 < distance <= Fraction(step) / 2


@given(rates, rates, st.decimals("0", "0.03", places=6), st.decimals("0", "0.06", places=6))
def test_no_rate_leaves_its_caps(index, previous, periodic, life):
    its = VariableTerms(margin=D(0), rounding_step=D(0), periodic_cap=periodic, life_cap=life, floor=D("-0.05"))
    adjusted = capped(its, index, previous=previous, original=previous, is_first_reset=False)
    assert abs(adjusted - previous) <= min(periodic, life) or adjusted >= previous - periodic
    assert D("-0.05") <= adjusted <= previous + min(periodic, life)
