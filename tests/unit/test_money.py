"""Rounding to cents, by ties and by a second implementation."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import ceiling_to_cents, to_cents

D = Decimal


@pytest.mark.parametrize(
    ("amount", "even", "up"),
    [
        ("0.005", "0.00", "0.01"),
        ("0.015", "0.02", "0.02"),
        ("0.025", "0.02", "0.03"),
        ("-0.005", "0.00", "-0.01"),
        ("-0.015", "-0.02", "-0.02"),
        ("2.6749999999999999999999", "2.67", "2.67"),
        ("2.675", "2.68", "2.68"),
        ("2.665", "2.66", "2.67"),
        ("7", "7.00", "7.00"),
    ],
)
def test_half_a_cent_goes_to_even_unless_the_product_says_up(amount, even, up):
    for exact in (D(amount), Fraction(amount)):
        assert str(abs(to_cents(exact))) == str(abs(D(even)))
        assert to_cents(exact) == D(even)
        assert to_cents(exact, "HALF_UP") == D(up)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_decimals_and_fractions_round_alike(amount):
    assert to_cents(amount) == to_cents(Fraction(amount)) == amount.quantize(D("0.01"), ROUND_HALF_EVEN)
    assert to_cents(Fraction(amount), "HALF_UP") == amount.quantize(D("0.01"), ROUND_HALF_UP)


def test_a_fraction_is_not_divided_before_it_is_rounded():
    # As a Decimal of 28 digits it would be a tie and go down.
    assert to_cents(Fraction(1, 200) + Fraction(1, 10**40)) == D("0.01")


def test_a_float_is_not_money():
    with pytest.raises(TypeError, match=r"0\.1 is a float"):
        to_cents(0.1)


@pytest.mark.parametrize(("amount", "ceiling"), [("0.001", "0.01"), ("3", "3.00"), ("786.861", "786.87")])
def test_a_payment_is_rounded_up(amount, ceiling):
    assert str(ceiling_to_cents(Fraction(amount))) == ceiling
