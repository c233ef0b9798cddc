"""Nights that were missed, loans that had to wait, and histories written anew: they end as if all had gone well."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.outcomes import BadItem
from delinquency.models import Backlog, Default, DoneNight, Flag, Pause, Standing
from delinquency.services import detect_defaults, rewrite, run_engine
from loans.grid import days
from loans.models import Forbearance, Instalment, Loan, NonAccrual
from loans.services.booking import Booking
from tests.integration.delinquency.behind import (
    defaults,
    judge,
    make_loan,
    make_product,
    night,
    nights,
    pay,
    standings,
    take_back,
)

pytestmark = pytest.mark.usefixtures("books")

FIRST, LAST = date(2024, 1, 2), date(2024, 4, 5)
DUES = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]
BAD_PLAN = "its plan does not add up at instalment 2: correct the due_through"


def bad(number, reason=BAD_PLAN):
    return BadItem(model="loans.Loan", key=number, reason=reason)


def break_plan(loan, by="0.01"):
    """Let the second instalment contradict the first."""
    Instalment.objects.filter(loan=loan, number=2).update(due_through=Decimal("500.00") + Decimal(by))


def history():
    """Return all that holds, of every loan."""
    rows = Default.objects.filter(superseded_on=None).values_list(
        "loan", "cycle_no", "defaulted_on", "reason", "cured_on"
    )
    stopped = NonAccrual.objects.exclude(ended_on=F("starts_on"))
    return standings(), sorted(rows), sorted(stopped.values_list("loan", "starts_on"))


@pytest.fixture
def loans(books):
    """Loans that are paid late, in parts, taken back, paused, and never."""
    product = make_product("strict", non_accrual_dpd=60, default_dpd=40, charge_off_dpd=None, delinquency_grace=2)
    made = [make_loan(f"L{n}", dues=DUES, product=product) for n in range(6)]
    pay(made[1], date(2024, 1, 20), "250.00")
    pay(made[1], date(2024, 3, 25), "500.00")
    pay(made[2], date(2024, 1, 1), "250.00")
    take_back(made[2], date(2024, 1, 20), "250.00")
    pay(made[3], date(2024, 2, 15), "300.00")
    Pause.objects.create(loan=made[4], starts_on=date(2024, 1, 11), resumes_on=date(2024, 2, 20), reason="flood")
    Forbearance.objects.create(loan=made[4], starts_on=date(2024, 2, 10), ends_on=date(2024, 3, 5))
    pay(made[5], date(2024, 3, 1), "1000.00")
    Flag.objects.create(loan=made[5], kind="bankruptcy", starts_on=date(2024, 2, 1), ends_on=date(2024, 3, 20))
    return made


def outcome_of(chosen):
    """Run these nights, return what they wrote, and undo it."""
    with transaction.atomic():
        for day in chosen:
            night(day)
            detect_defaults(business_date=day)
        found = history()
        transaction.set_rollback(True)
    return found


def test_any_split_of_the_nights_gives_the_same_history(loans):
    every_night = outcome_of(days(FIRST, LAST))
    assert [len(rows) for rows in every_night] == [30, 8, 4]

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.sets(st.sampled_from(days(FIRST + timedelta(days=1), LAST - timedelta(days=1)))))
    def compare(chosen):
        assert outcome_of([FIRST, *sorted(chosen), LAST]) == every_night

    compare()


def test_a_night_done_late_does_not_see_what_came_after_it():
    loan = make_loan(dues=DUES)
    pay(loan, date(2024, 1, 20), "250.00")
    assert night(date(2024, 1, 20)).counts["past_due"] == 1
    assert night(date(2024, 1, 21)).counts["past_due"] == 0


def test_an_earlier_night_again_changes_nothing():
    make_loan(dues=DUES)
    nights(FIRST, date(2024, 1, 10))
    assert night(FIRST).counts == {"past_due": 1, "begun": 0, "ended": 0}
    assert DoneNight.objects.count() == 9


def test_one_bad_loan_of_a_thousand_leaves_999_done():
    for n in range(1000):
        loan = make_loan(f"L{n:03}", dues=DUES[:2])
        if n == 500:
            break_plan(loan)
    outcome = night(date(2024, 2, 2))
    assert outcome.counts == {"past_due": 999, "begun": 999, "ended": 0}
    assert outcome.quarantined == [bad("L500")]
    Instalment.objects.filter(due_through="500.01").update(due_through="500.00")
    outcome = night(date(2024, 2, 3))
    assert (outcome.counts, outcome.quarantined) == ({"past_due": 1000, "begun": 1, "ended": 0}, [])
    # It was bad on the second and is written as of then.
    assert standings(Loan.objects.get(number="L500")) == [(date(2024, 2, 2), None, date(2024, 1, 1), 30)]


def test_a_mended_loan_gets_each_night_it_missed():
    good, mended = (make_loan(number, dues=DUES) for number in ("good", "mended"))
    nights(FIRST, date(2024, 2, 1))
    break_plan(mended)
    for day in days(date(2024, 2, 2), date(2024, 3, 4)):
        assert judge(day).quarantined == [bad("mended")]
    assert Backlog.objects.count() == 2
    break_plan(mended, by="0.00")
    assert judge(date(2024, 4, 5)).quarantined == []
    assert standings(mended) == standings(good)
    assert len(standings(mended)) == 4
    assert defaults(mended) == defaults(good) == [(1, date(2024, 3, 31), "days past due", None)]
    assert Backlog.objects.count() == 0


def test_a_rerun_picks_up_just_the_loan_that_was_left_out():
    mended, still = (make_loan(number, dues=DUES) for number in ("mended", "still"))
    break_plan(mended)
    break_plan(still)
    day = date(2024, 2, 2)
    assert night(day).quarantined == [bad("mended"), bad("still")]
    break_plan(mended, by="0.00")
    outcome = night(day, only=["mended", "ghost"])
    assert outcome.counts == {"past_due": 1, "begun": 1, "ended": 0}
    assert outcome.quarantined == [bad("ghost", "no loan has this number: board it first")]
    assert night(day, only=["still"]).quarantined == [bad("still")]
    assert night(day, only=[]).counts == {"past_due": 1, "begun": 0, "ended": 0}


def test_a_loan_stops_at_the_night_its_data_will_not_do_for():
    """What came before is written; what comes after waits."""
    loan = make_loan(dues=DUES)
    break_plan(loan)
    nights(FIRST, date(2024, 2, 1))
    assert night(date(2024, 2, 20)).quarantined == [bad("L1")]
    assert standings(loan) == [
        (date(2024, 1, 2), date(2024, 1, 31), date(2024, 1, 1), 1),
        (date(2024, 1, 31), None, date(2024, 1, 1), 30),
    ]
    assert list(Backlog.objects.values_list("job", "since")) == [("standings", date(2024, 2, 2))]


def test_a_product_without_buckets_is_reported_by_loan():
    make_loan(dues=DUES, product=make_product("empty", bucket_bounds=[]))
    reason = "its product empty has no buckets: give the loan one that has"
    assert night(FIRST).quarantined == [bad("L1", reason)]


def test_a_payment_that_was_known_late_leaves_the_history_it_would_have_had():
    in_time, late = (make_loan(number, dues=DUES, product=make_product("soon", default_dpd=30)) for number in "AB")
    pay(in_time, date(2024, 1, 15), "250.00")
    for day in days(FIRST, date(2024, 2, 20)):
        judge(day)
    assert defaults(late) == [(1, date(2024, 1, 31), "days past due", None)]
    pay(late, date(2024, 1, 15), "250.00")
    rewrite(loan_ids=[late.pk], since=date(2024, 1, 15), booking=Booking(entry_date=date(2024, 2, 20)))
    assert standings(late) == standings(in_time)
    assert defaults(late) == defaults(in_time) == []
    gone = Standing.objects.filter(superseded_on=date(2024, 2, 20), loan=late).order_by("since")
    assert list(gone.values_list("since", "until")) == [
        (date(2024, 1, 2), date(2024, 1, 31)),
        (date(2024, 1, 31), None),
    ]
    assert Default.objects.get(loan=late).superseded_on == date(2024, 2, 20)


def test_what_ended_before_a_late_payment_stands():
    loan = make_loan(dues=DUES)
    pay(loan, date(2024, 1, 10), "250.00")
    nights(FIRST, date(2024, 2, 10))
    before = standings(loan)
    rewrite(loan_ids=[loan.pk], since=date(2024, 2, 5), booking=Booking(entry_date=date(2024, 2, 10)))
    assert standings(loan) == before
    assert not Standing.objects.filter(superseded_on__isnull=False, until=date(2024, 1, 11)).exists()


def test_a_loan_cured_too_early_goes_on_being_in_default():
    loan = make_loan(dues=DUES, product=make_product("soon", default_dpd=30, non_accrual_dpd=30))
    for day in days(FIRST, date(2024, 2, 10)):
        judge(day)
    pay(loan, date(2024, 2, 10), "500.00")
    for day in days(date(2024, 2, 11), date(2024, 2, 20)):
        judge(day)
    assert defaults(loan) == [(1, date(2024, 1, 31), "days past due", date(2024, 2, 11))]
    assert NonAccrual.objects.get().ended_on == date(2024, 2, 11)
    take_back(loan, date(2024, 2, 10), "500.00")
    rewrite(loan_ids=[loan.pk], since=date(2024, 2, 10), booking=Booking(entry_date=date(2024, 2, 20)))
    assert defaults(loan) == [(1, date(2024, 1, 31), "days past due", None)]
    assert NonAccrual.objects.get().ended_on is None
    assert standings(loan)[-1] == (date(2024, 1, 31), None, date(2024, 1, 1), 30)


def test_non_accrual_that_should_not_have_begun_stops_nothing():
    loan = make_loan(dues=DUES, product=make_product("soon", non_accrual_dpd=30))
    nights(FIRST, date(2024, 2, 10))
    pay(loan, date(2024, 1, 20), "250.00")
    rewrite(loan_ids=[loan.pk], since=date(2024, 1, 20), booking=Booking(entry_date=date(2024, 2, 10)))
    stopped = NonAccrual.objects.get()
    assert (stopped.starts_on, stopped.ended_on) == (date(2024, 1, 31), date(2024, 1, 31))


def test_a_payment_of_today_changes_no_night():
    loan = make_loan(dues=DUES)
    nights(FIRST, date(2024, 1, 10))
    pay(loan, date(2024, 1, 10), "250.00")
    rewrite(loan_ids=[loan.pk], since=date(2024, 1, 10), booking=Booking(entry_date=date(2024, 1, 10)))
    assert Standing.objects.count() == 1
    assert Backlog.objects.count() == 0


def test_a_loan_that_cannot_be_judged_anew_waits_for_the_night():
    loan = make_loan(dues=DUES)
    nights(FIRST, date(2024, 2, 10))
    break_plan(loan)
    rewrite(loan_ids=[loan.pk], since=date(2024, 1, 20), booking=Booking(entry_date=date(2024, 2, 10)))
    assert night(date(2024, 2, 11)).quarantined == [bad("L1")]
    break_plan(loan, by="0.00")
    assert night(date(2024, 2, 12)).quarantined == []
    assert standings(loan) == [
        (date(2024, 1, 2), date(2024, 1, 31), date(2024, 1, 1), 1),
        (date(2024, 1, 31), None, date(2024, 1, 1), 30),
    ]


def test_the_database_refuses_two_standings_at_a_time():
    make_loan(dues=DUES)
    night(FIRST)
    again = Standing.objects.get()
    again.pk, again.since = None, date(2024, 1, 3)
    with pytest.raises(IntegrityError, match="delinquency_standing_current"), transaction.atomic():
        again.save()


def test_the_database_refuses_a_night_done_twice():
    night(FIRST)
    with pytest.raises(IntegrityError, match="delinquency_donenight_key"), transaction.atomic():
        DoneNight.objects.create(job="standings", business_date=FIRST)


def test_a_night_costs_the_same_number_of_statements_whatever_the_loans():
    def statements(day):
        with CaptureQueriesContext(connection) as queries:
            run_engine(business_date=day)
        return len(queries)

    make_loan("L1", dues=DUES)
    one = statements(date(2024, 1, 2))
    for n in range(2, 20):
        make_loan(f"L{n}", dues=DUES)
    assert statements(date(2024, 1, 3)) == one
