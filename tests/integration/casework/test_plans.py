"""Payment plans: filled in order, missed by the day, broken at an instalment that is named."""

from datetime import date

import pytest

from casework.exceptions import BadPlanError, NoPlanError
from casework.models import PaymentPlan, PlanInstalment
from casework.services.plans import check_plans, make_plan, withdraw_plan
from payments.models import Payment
from tests.integration.payments.money import D, lend, pay, take_back

pytestmark = pytest.mark.usefixtures("books")

NOTHING = {"paid": 0, "missed": 0, "completed": 0, "broken": 0, "expired": 0}


def june(day):
    return date(2024, 6, day)


@pytest.fixture
def loan():
    return lend(principal="5000.00", term=24)


def plan(*days, amount="100.00", made=1, tolerance=2, misses=0, loan="L1"):
    """Agree on 100 dollars on each of these days of June; 5, 12 and 19 if none is named."""
    return make_plan(
        loan_number=loan,
        instalments=[(june(day), D(amount)) for day in days or (5, 12, 19)],
        made_on=june(made),
        tolerance_days=tolerance,
        misses_allowed=misses,
    )


def night(day, **options):
    return check_plans(business_date=june(day), **options)


def told(plan):
    """Return status, the instalment it failed at and the night, and of each instalment when it was paid and missed."""
    plan.refresh_from_db()
    parts = PlanInstalment.objects.filter(plan=plan).order_by("number").values_list("paid_on", "missed_on")
    days = [(paid and paid.day, missed and missed.day) for paid, missed in parts]
    return plan.status, plan.failed_at, plan.decided_on and plan.decided_on.day, days


def test_paid_in_time_it_is_completed_on_the_night_after_the_last_payment(loan):
    made = plan()
    for day in (5, 14, 18):
        pay("100.00", june(day))
    assert night(6).counts == NOTHING | {"paid": 1}
    assert night(15).counts == NOTHING | {"paid": 1}
    assert night(19).counts == NOTHING | {"paid": 1, "completed": 1}
    assert told(made) == ("completed", None, 19, [(5, None), (14, None), (18, None)])


def test_an_instalment_is_missed_when_its_day_and_the_tolerance_are_over_and_that_breaks_the_plan(loan):
    made = plan()
    pay("100.00", june(5))
    pay("99.99", june(14))
    pay("0.01", june(15))
    assert night(14).counts == NOTHING | {"paid": 1}
    assert night(15).counts == NOTHING | {"missed": 1, "broken": 1}
    assert told(made) == ("broken", 2, 15, [(5, None), (None, 15), (None, None)])
    assert night(16).counts == NOTHING


def test_a_plan_that_allows_a_miss_breaks_at_the_second_one(loan):
    made = plan(misses=1)
    for day in range(6, 20):
        night(day)
    assert told(made) == ("broken", 2, 15, [(None, 8), (None, 15), (None, None)])


def test_what_is_paid_late_stays_missed_and_a_plan_paid_up_is_completed_all_the_same(loan):
    made = plan(misses=1)
    night(8)
    pay("300.00", june(9))
    night(10)
    assert told(made) == ("completed", None, 10, [(9, 8), (9, None), (9, None)])


def test_a_payment_that_comes_early_pays_several(loan):
    made = plan()
    pay("250.00", june(2))
    night(3)
    assert told(made) == ("running", None, None, [(2, None), (2, None), (None, None)])


def test_a_plan_whose_last_day_passes_unpaid_expires_at_its_first_instalment_without_money(loan):
    made = plan(misses=3)
    pay("150.00", june(5))
    for day in range(6, 23):
        night(day)
    assert told(made) == ("expired", 2, 22, [(5, None), (None, 15), (None, 22)])


def test_payments_from_before_the_plan_do_not_count(loan):
    made = plan(made=3)
    pay("300.00", june(2))
    night(8)
    assert told(made)[:3] == ("broken", 1, 8)


def test_a_payment_taken_back_reopens_a_completed_plan_which_then_breaks(loan):
    made = plan()
    payment = pay("300.00", june(2))
    night(3)
    assert told(made)[0] == "completed"
    take_back(payment, june(6))
    assert night(7).counts == NOTHING
    assert told(made) == ("running", None, None, [(None, None)] * 3)
    night(8)
    assert told(made)[:3] == ("broken", 1, 8)


def test_a_completed_plan_stays_so_when_another_one_runs(loan):
    made = plan()
    payment = pay("300.00", june(2))
    night(3)
    other = plan(20, made=4)
    take_back(payment, june(6))
    night(7)
    assert (told(made)[0], told(other)[0]) == ("completed", "running")


def test_done_twice_it_changes_nothing(loan):
    made = plan()
    night(8)
    before = told(made)
    assert night(8).counts == NOTHING
    assert told(made) == before


def test_a_loan_whose_payment_is_not_in_the_books_is_left_out_until_it_is(loan):
    made = plan()
    payment = pay("100.00", june(5))
    Payment.objects.filter(pk=payment.pk).update(amount="100.01")
    (bad,) = night(6).quarantined
    assert (bad.key, payment.reference in bad.reason, told(made)[3][0]) == ("L1", True, (None, None))
    Payment.objects.filter(pk=payment.pk).update(amount="100.00")
    assert night(6, only=["L1"]).counts == NOTHING | {"paid": 1}


def test_a_loan_has_one_plan_at_a_time_and_another_after_it_was_withdrawn(loan):
    made = plan()
    with pytest.raises(BadPlanError, match="another one is running"):
        plan()
    withdraw_plan(loan_number="L1", withdrawn_on=june(1))
    assert told(made)[:3] == ("withdrawn", None, 1)
    with pytest.raises(NoPlanError):
        withdraw_plan(loan_number="L1", withdrawn_on=june(1))
    plan()
    assert PaymentPlan.objects.filter(status="running").count() == 1


@pytest.mark.parametrize("days", [(12, 5), (5, 12, 11)])
def test_instalments_come_one_after_another(loan, days):
    with pytest.raises(BadPlanError, match="one after another"):
        plan(*days)


def test_a_plan_needs_instalments_of_more_than_nothing(loan):
    with pytest.raises(BadPlanError, match="more than nothing"):
        plan(amount="0.00")
    with pytest.raises(BadPlanError, match="more than nothing"):
        make_plan(loan_number="L1", instalments=[], made_on=june(1))
