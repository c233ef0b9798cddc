"""Level payments and schedules against published ones, and against numpy-financial."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import to_cents
from loans.daycount import DayCount
from loans.grid import add_months
from loans.schedule import RateFrom, amortise, level_payment, period_factor

D = Decimal
# Its literals were computed with 28 digits.
TO_22_DECIMALS = Fraction(1, 10**22)
START = date(2024, 1, 1)


def factors(*rates, day_count=DayCount.THIRTY_360_US, months=6, start=START):
    """Return the factors of `months` periods from `start` under rates given as (rate, effective_from)."""
    segments = [RateFrom(rate=D(rate), effective_from=since) for rate, since in rates]
    dues = [add_months(START, n) for n in range(7)]
    return [
        period_factor(day_count=day_count, start=begin, due=due, rates=segments)
        for begin, due in pairwise(dues)
        if begin >= start
    ][:months]


def schedule(principal, periods):
    payment = to_cents(level_payment(D(principal), periods))
    lines = list(amortise(principal=D(principal), factors=periods, payment=payment))
    return (
        [str(line.payment) for line in lines],
        [str(line.interest) for line in lines],
        [str(line.balance) for line in lines],
    )


def test_100_at_7_percent_30_360():
    assert schedule("100", factors(("0.07", START))) == (
        ["17.01"] * 5 + ["17.00"],
        ["0.58", "0.49", "0.39", "0.29", "0.20", "0.10"],
        ["83.57", "67.05", "50.43", "33.71", "16.90", "0.00"],
    )


def test_100_at_9_4822_percent_30_360():
    payments, interest, _ = schedule("100", factors(("0.094822", START)))
    assert payments == ["17.13"] * 6
    assert interest == ["0.79", "0.66", "0.53", "0.40", "0.27", "0.13"]


def test_another_100_disbursed_after_two_instalments():
    periods = factors(("0.094822", START))
    balance = D(schedule("100", periods)[2][1]) + 100
    assert schedule(balance, periods[2:])[0] == ["42.63", "42.63", "42.63", "42.61"]


def test_100_at_15_678_percent_actual_365_pays_by_every_periods_own_factor():
    payments, interest, _ = schedule("100", factors(("0.15678", START), day_count=DayCount.ACT_365F))
    assert payments == ["17.43"] * 5 + ["17.47"]
    assert interest == ["1.33", "1.05", "0.90", "0.66", "0.46", "0.22"]


@pytest.mark.parametrize(
    ("effective_from", "payments", "interest"),
    [
        (date(2024, 2, 1), ["16.88"] * 4 + ["16.89"], ["0.28", "0.22", "0.17", "0.11", "0.06"]),
        (date(2024, 2, 14), ["16.90"] * 5, ["0.37", "0.22", "0.17", "0.11", "0.06"]),
        (date(2024, 2, 15), ["16.90"] * 4 + ["16.91"], ["0.38", "0.22", "0.17", "0.11", "0.06"]),
    ],
)
def test_a_rate_that_falls_to_4_percent_in_the_second_period(effective_from, payments, interest):
    periods = factors(("0.07", START), ("0.04", effective_from), start=date(2024, 2, 1))
    assert schedule("83.57", periods)[:2] == (payments, interest)


def test_nothing_paid_leaves_everything_to_the_last_instalment():
    interest = [to_cents(100 * factor) for factor in factors(("0.07", START))]
    assert [str(amount) for amount in interest] == ["0.58"] * 6
    assert str(100 + sum(interest) - 5 * D("17.01")) == "18.43"


def test_the_level_payments_of_numpy_financials_own_tests():
    payment = level_payment(15000, [Fraction(8, 1200)] * 60)
    assert abs(payment - Fraction("304.1459143262052370338701494")) < TO_22_DECIMALS
    assert level_payment(15000, [Fraction(0)] * 60) == 250
    repaid = level_payment(55000, [Fraction(10, 1200)] * 60) - 55000 * Fraction(10, 1200)
    assert abs(repaid - Fraction("710.2541257864217612489830917")) < TO_22_DECIMALS


def test_the_split_of_a_payment_in_numpy_financials_own_tests():
    rate, balance = Fraction(10, 1200), Fraction(2000)
    payment, repaid = level_payment(2000, [rate] * 24), []
    assert f"{float(balance * rate):.4f}" == "16.6667"
    for _ in range(4):
        repaid.append(payment - balance * rate)
        balance -= repaid[-1]
    assert [f"{float(amount):.8f}" for amount in repaid] == ["75.62318601", "76.25337923", "76.88882405", "77.52956425"]


@given(st.integers(100, 10**6), st.decimals("0.01", "0.36", places=4), st.integers(2, 120))
def test_level_payments_equal_numpy_financials(principal, rate, months):
    ours = float(level_payment(principal, [Fraction(rate) / 12] * months))
    assert ours == pytest.approx(-npf.pmt(float(rate) / 12, months, principal), rel=1e-9)


@given(
    st.decimals(1, 10**6, places=2),
    st.decimals("0", "0.36", places=4),
    st.integers(1, 120),
    st.decimals("0.01", "2", places=2),
)
def test_a_schedule_repays_exactly_what_was_lent(principal, rate, months, share):
    periods = [Fraction(rate) / 12] * months
    payment = to_cents(level_payment(principal, periods) * Fraction(share))
    lines = list(amortise(principal=principal, factors=periods, payment=payment))
    assert sum(line.principal for line in lines) == principal
    assert lines[-1].balance == 0
    assert all(line.principal >= 0 for line in lines)
    assert all(line.balance > 0 for line in lines[:-1])


def test_a_payment_above_the_level_one_ends_the_schedule_early():
    lines = list(amortise(principal=D("100.00"), factors=[Fraction(0)] * 6, payment=D("40.00")))
    assert [str(line.payment) for line in lines] == ["40.00", "40.00", "20.00"]


def test_a_payment_below_the_interest_repays_nothing_until_the_last():
    lines = list(amortise(principal=D("100.00"), factors=[Fraction(1, 10)] * 3, payment=D("5.00")))
    assert [str(line.principal) for line in lines] == ["0.00", "0.00", "100.00"]
