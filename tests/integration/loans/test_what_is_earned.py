"""When a loan earns less, or nothing, or for the last time; and the day that is not in every year."""

from datetime import date
from decimal import Decimal

import pytest

from loans.daycount import DayCount
from loans.models import Accrual, Closure, Forbearance, NonAccrual, Promo
from tests.integration.loans.books import START, accrue, amounts, make_loan, move, set_rate, total

pytestmark = pytest.mark.usefixtures("books")

D = Decimal


def day(month, dom, year=2024):
    return date(year, month, dom)


def rates(loan, first, last):
    """Return the rates of the loan's rows from `first` to `last`, in percent."""
    rows = Accrual.objects.filter(loan=loan, accrual_date__range=(first, last), reversal=None)
    return [float(rate * 100) for rate in rows.order_by("accrual_date").values_list("rate", flat=True)]


def promise(loan, rate, starts_on, ends_on, **options):
    return Promo.objects.create(
        loan=loan, rate=rate, standard_rate="0.07", starts_on=starts_on, ends_on=ends_on, **options
    )


# 100 at 7 % on 30/360 in January: the cents of 31 days, as published (`test_daily_interest`).
JANUARY = [1 if n in {6, 14, 23, 31} else 2 for n in range(2, 32)]


def test_a_forbearance_that_accrues_changes_no_row():
    loan = make_loan()
    Forbearance.objects.create(loan=loan, starts_on=day(1, 10), ends_on=day(1, 20), accrues=True)
    accrue(day(1, 31))
    assert amounts(loan, day(1, 2), day(1, 31)) == JANUARY


def test_a_forbearance_without_interest_stops_the_days_after_its_first_through_the_one_after_its_last():
    loan = make_loan()
    Forbearance.objects.create(loan=loan, starts_on=day(1, 10), ends_on=day(1, 20), accrues=False)
    accrue(day(2, 1))
    assert rates(loan, day(1, 9), day(1, 23)) == [7, 7, *[0] * 11, 7, 7]
    assert amounts(loan, day(1, 11), day(1, 21)) == [0] * 11
    # 100 x 7 % / 12 for 20 of January's 31 days.
    assert total(loan, day(1, 2), day(2, 1)) == D("0.38")


def test_forbearances_that_overlap_stop_interest_once():
    loan = make_loan()
    for first, last in ((10, 15), (13, 20)):
        Forbearance.objects.create(loan=loan, starts_on=day(1, first), ends_on=day(1, last), accrues=False)
    accrue(day(1, 25))
    assert rates(loan, day(1, 10), day(1, 22)) == [7, *[0] * 11, 7]


def test_non_accrual_begins_with_the_row_after_its_day_and_ends_with_the_row_of_its_last():
    loan = make_loan()
    NonAccrual.objects.create(loan=loan, starts_on=day(1, 10), ended_on=day(1, 20))
    accrue(day(1, 25))
    assert rates(loan, day(1, 9), day(1, 22)) == [7, 7, *[0] * 10, 7, 7]


def test_non_accrual_without_an_end_stays():
    loan = make_loan()
    NonAccrual.objects.create(loan=loan, starts_on=day(1, 10))
    accrue(day(2, 10))
    assert set(amounts(loan, day(1, 11), day(2, 10))) == {0}


def test_a_promotion_prices_the_days_after_its_first_through_the_one_after_its_last():
    loan = make_loan()
    promise(loan, "0.02", day(1, 10), day(1, 20))
    accrue(day(1, 25))
    assert rates(loan, day(1, 9), day(1, 23)) == [7, 7, *[2] * 11, 7, 7]


def test_a_promotion_of_0_percent_from_the_first_day_earns_nothing_but_has_its_rows():
    loan = make_loan()
    promise(loan, "0", START, day(1, 31))
    accrue(day(2, 2))
    assert amounts(loan, day(1, 2), day(2, 1)) == [0] * 31
    assert amounts(loan, day(2, 2), day(2, 2)) == [2]


def test_of_promotions_that_overlap_the_lowest_prevails_whichever_came_first():
    loan = make_loan()
    promise(loan, "0.01", day(1, 5), day(1, 10))
    promise(loan, "0.03", day(1, 3), day(1, 13))
    accrue(day(1, 16))
    assert rates(loan, day(1, 3), day(1, 16)) == [7, 3, 3, *[1] * 6, 3, 3, 3, 7, 7]


def test_a_promotion_that_was_ended_early_prices_no_day_after_that():
    loan = make_loan()
    promise(loan, "0", day(1, 10), day(1, 20), ended_on=day(1, 15))
    accrue(day(1, 18))
    assert rates(loan, day(1, 14), day(1, 18)) == [0, 0, 7, 7, 7]


def test_a_promotion_never_costs_more_than_the_rate_it_improves():
    loan = make_loan()
    promise(loan, "0.05", day(1, 5), day(1, 20))
    set_rate(loan, "0.04", day(1, 10))
    accrue(day(1, 13))
    assert rates(loan, day(1, 5), day(1, 13)) == [7, 5, 5, 5, 5, 5, 4, 4, 4]


def test_a_promotion_may_last_through_the_29th_of_february():
    loan = make_loan(start=day(2, 1))
    promise(loan, "0", day(2, 1), day(2, 29))
    accrue(day(3, 2))
    assert rates(loan, day(2, 28), day(3, 2)) == [0, 0, 0, 7]


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [
        # 36,600 at 10 % for the 29 days from February 1 to March 1, 2024, by hand.
        (DayCount.ACT_360, "294.83"),
        (DayCount.ACT_365F, "290.79"),
        (DayCount.ACT_ACT_ISDA, "290.00"),
        (DayCount.THIRTY_360_US, "305.00"),
    ],
)
def test_the_29th_of_february_earns_as_the_convention_says(day_count, interest):
    loan = make_loan(principal="36600.00", rate="0.10", day_count=day_count, start=day(2, 1))
    accrue(day(3, 1))
    assert Accrual.objects.filter(loan=loan, accrual_date=day(2, 29)).count() == 1
    assert total(loan, day(2, 2), day(3, 1)) == D(interest)


def test_a_payment_on_a_day_changes_the_next_days_row():
    loan = make_loan(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360)
    move(loan, "-18000.00", day(1, 10))
    accrue(day(1, 12))
    assert amounts(loan, day(1, 9), day(1, 12)) == [1000, 1000, 500, 500]


def test_the_row_of_the_payoff_day_prices_the_day_before_and_is_the_last():
    loan = make_loan(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360)
    move(loan, "-36000.00", day(1, 10))
    Closure.objects.create(loan=loan, closed_on=day(1, 10), reason="fully paid")
    accrue(day(1, 12))
    assert amounts(loan, day(1, 9), day(1, 12)) == [1000, 1000, None, None]


def test_a_loan_paid_off_on_february_15_has_earned_the_published_24_cents_since_its_last_payment():
    loan = make_loan()
    move(loan, "-16.43", day(2, 1))
    accrue(day(2, 15))
    assert total(loan, day(2, 2), day(2, 15)) == D("0.24")


def test_a_loan_that_was_reopened_goes_on():
    loan = make_loan()
    Closure.objects.create(loan=loan, closed_on=day(1, 5), reason="fully paid")
    accrue(day(1, 10))
    assert amounts(loan, day(1, 6), day(1, 6)) == [None]
    Closure.objects.update(reopened_on=day(1, 9))
    accrue(day(1, 11))
    assert amounts(loan, day(1, 2), day(1, 11)) == JANUARY[:10]
