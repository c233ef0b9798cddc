"""A rate or a forbearance that comes to light late: payments made since are spent as if it had been known."""

from datetime import date
from decimal import Decimal

import pytest

from delinquency.models import Standing
from delinquency.services import run_engine
from loans.services import grant_forbearance, grant_promo
from tests.integration.payments.money import accrue, assert_tied, days, lend, living, on, pay, split

pytestmark = pytest.mark.usefixtures("books")

JAN_10, FEB_1, MAR_1, MAR_10 = date(2024, 1, 10), date(2024, 2, 1), date(2024, 3, 1), date(2024, 3, 10)


def promise(loan, granted):
    """Grant a promotion without interest from 10 January on, known on a later day or at once."""
    grant_promo(
        loan_number=loan.number,
        rate=Decimal(0),
        starts_on=JAN_10,
        ends_on=date(2024, 1, 31),
        booking=on(granted),
    )


def accrue_each(first, last):
    for day in days(first, last):
        accrue(day)


def test_payments_are_spent_as_if_a_promotion_had_been_known():
    told = {}
    for number, known_on in (("L1", JAN_10), ("L2", MAR_10)):
        loan = lend(number)
        accrue(JAN_10)
        if known_on == JAN_10:
            promise(loan, JAN_10)
        accrue(FEB_1)
        first = pay("17.01", FEB_1, loan=number)
        accrue(MAR_1)
        second = pay("17.01", MAR_1, loan=number)
        accrue(MAR_10)
        if known_on == MAR_10:
            assert split(first) == ("16.43", "0.58", "0.00", "0.00", "0.00")
            promise(loan, MAR_10)
        told[number] = (split(first), split(second), [row[1:] for row in living(loan)["accruals"]])
    assert told["L1"] == told["L2"]
    assert told["L1"][0] == ("16.84", "0.17", "0.00", "0.00", "0.00")
    assert_tied()


def test_the_nights_of_a_forbearance_that_came_to_light_late_are_judged_again():
    loan = lend()
    for day in days(date(2024, 1, 2), MAR_10):
        accrue(day)
        run_engine(business_date=day)
    assert Standing.objects.filter(loan=loan, superseded_on=None, since__lt=date(2024, 2, 10)).exists()
    grant_forbearance(loan_number=loan.number, starts_on=JAN_10, ends_on=date(2024, 2, 29), booking=on(MAR_10))
    assert not Standing.objects.filter(loan=loan, superseded_on=None, since__lt=MAR_1, bucket__gt=0).exists()
    assert_tied()
