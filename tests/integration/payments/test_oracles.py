"""Published schedules, paid through real posting: every cent of interest, every balance, every last payment."""

from datetime import date
from decimal import Decimal

import pytest

from loans.models import Accrual
from tests.integration.payments.money import START, accrue, assert_tied, closure, lend, owed, pay, split

pytestmark = pytest.mark.usefixtures("books")

D = Decimal


def due(number):
    """Return the due date of an instalment."""
    return date(2024, number + 1, 1)


def interest(loan, numbers=range(1, 7)):
    """Return the interest of each period."""
    rows = Accrual.objects.filter(loan=loan, reversal=None)
    return [str(sum(row.amount for row in rows.filter(period_end=due(number)))) for number in numbers]


def live(loan, payments, through=date(2024, 7, 1)):
    """Run the nights, and pay each day's payments after its night."""
    posted = []
    for day in sorted(payments):
        accrue(day)
        posted.append(pay(payments[day], day))
    accrue(through)
    return posted


def test_the_first_loan_is_repaid_as_published():
    loan = lend()
    payments = {due(n): "17.01" for n in range(1, 6)} | {due(6): "17.00"}
    balances = []
    for day, amount in payments.items():
        accrue(day)
        pay(amount, day)
        balances.append(owed(loan, day)[0])
    assert balances == ["83.57", "67.05", "50.43", "33.71", "16.90", "0.00"]
    assert interest(loan) == ["0.58", "0.49", "0.39", "0.29", "0.20", "0.10"]
    assert closure(loan) == (due(6), "fully paid")
    assert_tied()


def test_another_rate_is_repaid_as_published():
    loan = lend(rate="0.094822")
    live(loan, {due(n): "17.13" for n in range(1, 7)})
    assert interest(loan) == ["0.79", "0.66", "0.53", "0.40", "0.27", "0.13"]
    assert closure(loan) == (due(6), "fully paid")


def test_a_loan_of_actual_days_is_repaid_as_published():
    loan = lend(rate="0.15678", day_count="ACT/365F")
    live(loan, {due(n): "17.43" for n in range(1, 6)} | {due(6): "17.47"})
    assert interest(loan) == ["1.33", "1.05", "0.90", "0.66", "0.46", "0.22"]
    assert closure(loan) == (due(6), "fully paid")


def test_two_overdue_instalments_cost_the_published_interest_and_last_payment():
    loan = lend()
    first, *_ = live(loan, {date(2024, 3, 10): "34.02"} | {due(n): "17.01" for n in range(3, 6)})
    assert split(first) == ("32.86", "1.16", "0.00", "0.00", "0.00")
    assert interest(loan) == ["0.58", "0.58", "0.45", "0.30", "0.20", "0.10"]
    assert owed(loan, due(6)) == ("17.06", "0.10", "0.00")
    pay("17.16", due(6))
    assert closure(loan) == (due(6), "fully paid")
    assert_tied()


def test_one_overdue_instalment_costs_the_published_interest_and_last_payment():
    loan = lend()
    live(loan, {due(1): "17.01", date(2024, 3, 10): "17.01"} | {due(n): "17.01" for n in range(3, 6)})
    assert interest(loan) == ["0.58", "0.49", "0.42", "0.29", "0.20", "0.10"]
    pay("17.03", due(6))
    assert closure(loan) == (due(6), "fully paid")
    assert_tied()


def test_nothing_paid_until_maturity_leaves_the_published_last_payment():
    loan = lend()
    accrue(due(6))
    assert interest(loan) == ["0.58"] * 6
    first = pay(5 * D("17.01"), due(6), reference="five instalments")
    assert split(first) == ("82.15", "2.90", "0.00", "0.00", "0.00")
    assert owed(loan, due(6)) == ("17.85", "0.58", "0.00")
    pay("18.43", due(6))
    assert closure(loan) == (due(6), "fully paid")


def test_interest_goes_on_after_maturity_until_it_is_paid():
    loan = lend()
    accrue(date(2024, 7, 15))
    # 18.43 and five payments of 17.01 on July 1; fourteen days of 31 of another 0.58 since (settled rule 7).
    assert sum(map(D, owed(loan, date(2024, 7, 15)))) == D("103.48") + D("0.26")
    pay("103.74", date(2024, 7, 15))
    assert closure(loan) == (date(2024, 7, 15), "fully paid")
    assert_tied()


def test_a_payment_before_its_night_owes_the_interest_of_its_day_too():
    loan = lend()
    accrue(date(2024, 1, 31))
    payment = pay("17.01", due(1))
    assert split(payment) == ("16.43", "0.58", "0.00", "0.00", "0.00")
    assert not Accrual.objects.filter(accrual_date=due(1)).exists()
    accrue(due(1))
    assert owed(loan, due(1)) == ("83.57", "0.00", "0.00")
    assert_tied()


def test_the_first_row_after_a_payment_is_of_the_next_day():
    loan = lend()
    accrue(due(1))
    pay("17.01", due(1))
    accrue(date(2024, 2, 2))
    assert Accrual.objects.get(loan=loan, accrual_date=due(1)).principal == D("100.00")
    assert Accrual.objects.get(loan=loan, accrual_date=date(2024, 2, 2)).principal == D("83.57")


def test_nothing_is_paid_on_the_first_day_but_principal():
    loan = lend()
    assert split(pay("10.00", START)) == ("10.00", "0.00", "0.00", "0.00", "0.00")
    accrue(date(2024, 1, 2))
    assert Accrual.objects.get(loan=loan).principal == D("90.00")
