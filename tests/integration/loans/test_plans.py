"""Plans made anew: level again at the balance and the rates of now, against published schedules."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.money import to_cents
from ledger.models import AccountingPeriod
from loans.daycount import DayCount
from loans.exceptions import BadTermsError, LoanEndedError, NoSuchLoanError
from loans.models import Closure, Instalment, Promo, Transaction
from loans.services.booking import Booking
from loans.services.disbursement import disburse
from loans.services.plan import defer, replan
from tests.integration.loans.books import START, accrue, make_loan, set_rate, total, turnover
from tests.integration.loans.plans import day, interest, make_planned, pay, pay_instalments, payments, plan

pytestmark = pytest.mark.usefixtures("books")

D = Decimal


def replan_at(loan, on, **options):
    return replan(loan_ids=[loan.pk], since=on, as_of=on, planned_on=on, **options)


@pytest.mark.parametrize(
    ("effective_from", "planned", "earned"),
    [
        (day(2, 1), ["16.88"] * 4 + ["16.89"], ["0.28", "0.22", "0.17", "0.11", "0.06"]),
        (day(2, 14), ["16.90"] * 5, ["0.37", "0.22", "0.17", "0.11", "0.06"]),
        (day(2, 15), ["16.90"] * 4 + ["16.91"], ["0.38", "0.22", "0.17", "0.11", "0.06"]),
    ],
)
def test_a_rate_that_falls_to_4_percent_in_the_second_period(effective_from, planned, earned):
    loan = make_planned()
    pay_instalments(loan, [1])
    set_rate(loan, "0.04", effective_from)
    assert replan_at(loan, effective_from) == {loan.pk: D(planned[0])}
    assert payments(loan) == ["17.01", *planned]
    assert interest(loan) == ["0.58", *earned]


def test_what_was_replaced_stays_to_be_seen_and_what_follows_continues_it():
    loan = make_planned()
    pay_instalments(loan, [1])
    set_rate(loan, "0.04", day(2, 1))
    replan_at(loan, day(2, 1))
    old = Instalment.objects.filter(loan=loan, superseded_on=day(2, 1)).order_by("number")
    assert [one.number for one in old] == [2, 3, 4, 5, 6]
    assert {one.principal + one.interest for one in old} == {D("17.01"), D("17.00")}
    assert [one.number for one in plan(loan)] == [1, 2, 3, 4, 5, 6]
    assert [str(one.due_through) for one in plan(loan)] == ["17.01", "33.89", "50.77", "67.65", "84.53", "101.42"]
    assert [one.due_date for one in plan(loan)] == [day(month, 1) for month in range(2, 8)]


def test_another_100_disbursed_after_two_instalments():
    loan = make_planned(rate="0.094822")
    pay_instalments(loan, [1, 2])
    payment = disburse(
        loan_number="L1", amount=D("100.00"), effective_date=day(3, 1), booking=Booking(entry_date=day(3, 1))
    )
    assert payment == D("42.63")
    assert payments(loan) == ["17.13", "17.13", "42.63", "42.63", "42.63", "42.61"]
    movement = Transaction.objects.get(kind="disbursement")
    assert (movement.principal, movement.interest, movement.effective_date) == (D("100.00"), D("0.00"), day(3, 1))
    # Boarding here had no lines; 100 out, two payments in.
    assert (turnover("LR"), turnover("CL")) == (D("100.00") - D("32.81"), D("34.26") - D("100.00"))


def test_a_disbursement_within_a_period_earns_from_its_day():
    loan = make_planned(principal="1200.00", rate="0.12", day_count=DayCount.THIRTY_360_US)
    disburse(loan_number="L1", amount=D("310.00"), effective_date=day(1, 11), booking=Booking(entry_date=day(1, 11)))
    # 1,200 for the month, 310 for 21 of its 31 days, at 1 % a month.
    assert interest(loan)[0] == "14.10"
    accrue(day(2, 1))
    assert total(loan, day(1, 2), day(2, 1)) == D("14.10")
    assert sum(one.principal for one in plan(loan)) == D("1510.00")


def test_a_disbursement_with_an_earlier_date_earns_since_then():
    loan = make_planned(principal="36000.00", rate="0.10", day_count=DayCount.ACT_360)
    accrue(day(1, 20))
    disburse(loan_number="L1", amount=D("3600.00"), effective_date=day(1, 10), booking=Booking(entry_date=day(1, 20)))
    assert total(loan, day(1, 2), day(1, 20)) == D("190.00") + D("10.00")


def test_disbursements_that_cannot_be_are_refused_and_change_nothing():
    make_planned()
    ended = make_loan("ended")
    Closure.objects.create(loan=ended, closed_on=day(1, 10), reason="fully paid")
    good = {
        "loan_number": "L1",
        "amount": D(1),
        "effective_date": day(1, 10),
        "booking": Booking(entry_date=day(1, 10)),
    }
    for change, error in [
        ({"loan_number": "ghost"}, NoSuchLoanError),
        ({"loan_number": "ended"}, LoanEndedError),
        ({"amount": D(-1)}, BadTermsError),
        ({"amount": D("0.001")}, BadTermsError),
        ({"effective_date": day(1, 11)}, BadTermsError),
        ({"effective_date": date(2023, 12, 31)}, BadTermsError),
    ]:
        with pytest.raises(error):
            disburse(**{**good, **change})
    assert not Transaction.objects.filter(kind="disbursement").exists()


def test_instalments_that_are_past_due_stay_and_their_principal_is_not_planned_twice():
    loan = make_planned()
    set_rate(loan, "0.04", day(2, 10))
    replan_at(loan, day(2, 10))
    assert payments(loan)[0] == "17.01"
    # What is planned for the rest is what the loan owes once the first instalment is paid after all.
    assert sum(one.principal for one in plan(loan)) == D("100.00")


def test_what_was_paid_ahead_still_covers_the_next_instalments():
    loan = make_planned()
    pay(loan, D("50.45"), D("0.58"), day(2, 1))
    set_rate(loan, "0.04", day(2, 1))
    replan_at(loan, day(2, 1))
    assert [one.settled_on for one in plan(loan)] == [day(2, 1)] * 3 + [None] * 3
    assert sum(one.principal for one in plan(loan)[1:]) == D("49.55") + D("34.02")


def test_a_promotion_is_planned_to_its_end_and_the_agreed_rate_after_it():
    loan = make_planned(rate="0.12", principal="1000.00", term=4)
    Promo.objects.create(loan=loan, rate="0", standard_rate="0.12", starts_on=START, ends_on=date(2024, 2, 29))
    replan_at(loan, START)
    assert interest(loan)[:2] == ["0.00", "0.00"]
    # 1,000 / (1 + 1 + 1/1.01 + 1/1.01²) a month: two months free, two at 1 %.
    assert payments(loan)[0] == str(to_cents(D(1000) / (1 + 1 + 1 / D("1.01") + 1 / D("1.01") ** 2)))


def test_a_loan_with_nothing_to_come_keeps_its_plan():
    loan = make_planned()
    assert replan_at(loan, day(7, 1)) == {}
    assert payments(loan) == ["17.01"] * 5 + ["17.00"]


def test_missed_instalments_can_become_part_of_what_is_to_come():
    loan = make_planned()
    pay_instalments(loan, [1])
    replan_at(loan, day(4, 10), clears_arrears=True)
    assert [one.number for one in plan(loan)] == [1, 4, 5, 6]
    assert sum(one.principal for one in plan(loan)) == D("100.00")


def test_missed_instalments_can_move_to_the_last_one():
    loan = make_planned()
    pay_instalments(loan, [1])
    defer(loan_ids=[loan.pk], since=day(4, 10), as_of=day(4, 10), planned_on=day(4, 10))
    assert [one.number for one in plan(loan)] == [1, 4, 5, 6]
    assert payments(loan) == ["17.01", "17.01", "17.01", str(D("17.00") + 2 * D("17.01"))]
    assert [str(one.due_through) for one in plan(loan)] == ["17.01", "34.02", "51.03", "102.05"]
    assert {one.superseded_on for one in Instalment.objects.filter(number__in=[2, 3])} == {day(4, 10)}


def test_what_cannot_move_stays():
    loan, late = make_planned("on time"), make_planned("after maturity")
    pay_instalments(loan, [1])
    defer(loan_ids=[loan.pk], since=day(2, 10), as_of=day(2, 10), planned_on=day(2, 10))
    defer(loan_ids=[late.pk], since=day(7, 10), as_of=day(7, 10), planned_on=day(7, 10))
    assert not Instalment.objects.exclude(superseded_on=None).exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries(
        {
            "principal": st.decimals("100", "90000", places=2),
            "rate": st.decimals("0", "0.36", places=4),
            "day_count": st.sampled_from(DayCount),
            "term": st.integers(3, 30),
        }
    ),
    st.decimals("0", "0.36", places=4),
    st.integers(1, 600),
)
def test_any_new_plan_repays_exactly_what_is_owed_and_is_level_but_for_the_last(terms, rate, days):
    with transaction.atomic():
        loan, on = make_planned(**terms), START + timedelta(days=days)
        kept = sum(one.due_date <= on for one in plan(loan))
        pay_instalments(loan, range(1, kept + 1))
        set_rate(loan, rate, on)
        level = replan_at(loan, on)
        assert sum(one.principal for one in plan(loan)) == terms["principal"]
        assert {one.principal + one.interest for one in list(plan(loan))[kept:-1]} <= set(level.values())
        transaction.set_rollback(True)


def test_nothing_is_paid_out_in_a_closed_month():
    make_planned()
    AccountingPeriod.objects.create(starts_on=START, status="closed", closed_on=day(2, 1))
    with pytest.raises(Exception, match="books are closed"):
        disburse(loan_number="L1", amount=D(1), effective_date=day(1, 9), booking=Booking(entry_date=day(1, 9)))
