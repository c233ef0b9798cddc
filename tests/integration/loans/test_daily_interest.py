"""The daily rows against published tables, cent by cent."""

from datetime import date
from decimal import Decimal

import pytest

from loans.models import Accrual
from tests.integration.loans.books import START, accrue, amounts, make_loan, move, set_rate, total

D = Decimal


def cents(first, last, *, ones):
    """Return two cents for every day, but one cent on the days of the month in `ones`."""
    return [1 if day in ones else 2 for day in range(first, last + 1)]


def test_the_first_loan_earns_two_cents_a_day_and_one_on_the_published_days(books):
    loan = make_loan(principal="100.00", rate="0.07")
    move(loan, "-16.43", date(2024, 2, 1))
    accrue(date(2024, 3, 15))
    assert amounts(loan, date(2024, 1, 2), date(2024, 1, 31)) == cents(2, 31, ones={6, 14, 23, 31})
    assert total(loan, date(2024, 1, 2), date(2024, 2, 1)) == D("0.58")
    assert amounts(loan, date(2024, 2, 2), date(2024, 2, 29)) == cents(2, 29, ones={3, 6, 9, 12, 16, 19, 22, 25, 28})
    assert total(loan, date(2024, 2, 2), date(2024, 3, 1)) == D("0.49")
    # March 1 was not paid: interest goes on, on the same principal.
    assert amounts(loan, date(2024, 3, 2), date(2024, 3, 14)) == cents(2, 14, ones={3, 5, 7, 10, 12, 14})


def test_half_a_cent_goes_to_even(books):
    loan = make_loan(principal="90.00", rate="0.06", day_count="ACT/360")
    accrue(date(2024, 1, 6))
    assert amounts(loan, date(2024, 1, 2), date(2024, 1, 6)) == [2, 1, 1, 2, 2]


def test_half_a_cent_goes_up_where_the_product_says_so(books):
    loan = make_loan(principal="90.00", rate="0.06", day_count="ACT/360", rounding="HALF_UP")
    accrue(date(2024, 1, 6))
    assert amounts(loan, date(2024, 1, 2), date(2024, 1, 6)) == [2, 1, 2, 1, 2]


@pytest.mark.parametrize(
    ("effective_from", "first_row", "interest"),
    [(date(2024, 2, 14), date(2024, 2, 15), "0.37"), (date(2024, 2, 15), date(2024, 2, 16), "0.38")],
)
def test_a_new_rate_prices_the_days_after_its_date(books, effective_from, first_row, interest):
    loan = make_loan(principal="83.57", rate="0.07", start=date(2024, 2, 1))
    set_rate(loan, "0.04", effective_from)
    accrue(date(2024, 3, 1))
    assert total(loan, date(2024, 2, 2), date(2024, 3, 1)) == D(interest)
    assert Accrual.objects.filter(rate=D("0.04")).earliest("accrual_date").accrual_date == first_row


def test_nothing_paid_costs_the_same_interest_every_month_also_after_maturity(books):
    loan = make_loan(principal="100.00", rate="0.07", term=6)
    accrue(date(2024, 9, 1))
    assert [total(loan, date(2024, n, 2), date(2024, n + 1, 1)) for n in range(1, 9)] == [D("0.58")] * 8


@pytest.mark.parametrize(
    ("principal", "interest", "last"),
    [
        # Two payments of 17.01 on March 10, each with 0.58 of interest; then every instalment on its day.
        (
            {(3, 10): "-32.86", (4, 1): "-16.56", (5, 1): "-16.71", (6, 1): "-16.81"},
            ["0.58", "0.58", "0.45", "0.30", "0.20", "0.10"],
            "17.16",
        ),
        # The first on its day, the second on March 10.
        (
            {(2, 1): "-16.43", (3, 10): "-16.52", (4, 1): "-16.59", (5, 1): "-16.72", (6, 1): "-16.81"},
            ["0.58", "0.49", "0.42", "0.29", "0.20", "0.10"],
            "17.03",
        ),
    ],
)
def test_instalments_paid_late_cost_the_published_interest(books, principal, interest, last):
    loan = make_loan(principal="100.00", rate="0.07")
    for paid_on, amount in principal.items():
        move(loan, amount, date(2024, *paid_on))
    accrue(date(2024, 7, 1))
    earned = [total(loan, date(2024, n, 2), date(2024, n + 1, 1)) for n in range(1, 7)]
    assert earned == [D(figure) for figure in interest]
    assert Accrual.objects.latest("accrual_date").principal + earned[-1] == D(last)


def test_the_published_payoff_costs_what_was_earned_to_the_day_or_to_the_periods_end(books):
    loan = make_loan(principal="100.00", rate="0.07")
    move(loan, "-16.43", date(2024, 2, 1))
    accrue(date(2024, 3, 1))
    payoffs = [D("83.57") + total(loan, date(2024, 2, 2), day) for day in (date(2024, 2, 15), date(2024, 3, 1))]
    assert payoffs == [D("83.81"), D("84.06")]


def test_a_day_without_interest_has_a_row_too(books):
    loan = make_loan(rate="0")
    accrue(date(2024, 1, 11))
    assert amounts(loan, START, date(2024, 1, 11)) == [None] + [0] * 10


def test_a_negative_rate_takes_interest_back(books):
    loan = make_loan(principal="90.00", rate="-0.06", day_count="ACT/360")
    accrue(date(2024, 1, 6))
    assert amounts(loan, date(2024, 1, 2), date(2024, 1, 6)) == [-2, -1, -1, -2, -2]
