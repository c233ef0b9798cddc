"""Promises to pay: the reference's table, payments that come late or go again, and dollars that count once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casework.exceptions import BadPromiseError, NoPromiseError
from casework.models import Promise
from casework.services.promises import check_promises, make_promise, withdraw_promise
from loans.exceptions import LoanEndedError, NoSuchLoanError
from payments.models import Payment
from payments.services import post_payment
from tests.integration.payments.money import D, lend, on, pay, take_back

pytestmark = pytest.mark.usefixtures("books")

JUNE = date(2024, 6, 1)


def june(day):
    return JUNE.replace(day=day)


@pytest.fixture
def loan():
    return lend(principal="5000.00", term=24)


def promise(amount="200.00", due=10, *, made=3, tolerance=3, loan="L1"):
    return make_promise(
        loan_number=loan, amount=D(amount), made_on=june(made), due_on=june(due), tolerance_days=tolerance
    )


def night(day, **options):
    return check_promises(business_date=june(day), **options)


def told():
    """Return what is on record of all promises, by due date."""
    rows = Promise.objects.order_by("due_on", "id").values_list("status", "paid", "kept_on", "decided_on")
    return [
        (status, str(paid), kept_on and kept_on.day, decided and decided.day) for status, paid, kept_on, decided in rows
    ]


class TestTheReferencesTable:
    """200 by 06-10, tolerance 3 (settled rule 19)."""

    def test_paid_on_the_last_day_of_the_tolerance_it_is_kept_and_decided_on_the_night_after(self, loan):
        promise()
        pay("150.00", june(12))
        pay("50.00", june(13))
        assert night(13).counts == {"kept": 0, "partial": 0, "broken": 0}
        assert told() == [("open", "0.00", None, None)]
        assert night(14).counts == {"kept": 1, "partial": 0, "broken": 0}
        assert told() == [("kept", "200.00", 13, 14)]

    def test_the_last_dollars_a_day_later_leave_it_partial_on_the_same_night(self, loan):
        promise()
        pay("150.00", june(12))
        pay("50.00", june(14))
        assert night(14).counts == {"kept": 0, "partial": 1, "broken": 0}
        assert told() == [("partial", "150.00", None, 14)]

    def test_without_any_payment_it_is_broken(self, loan):
        promise()
        assert night(14).counts == {"kept": 0, "partial": 0, "broken": 1}
        assert told() == [("broken", "0.00", None, 14)]

    def test_paid_before_the_day_it_is_kept_on_that_day_and_still_decided_when_its_time_is_over(self, loan):
        promise()
        pay("250.00", june(5))
        for day in range(4, 15):
            night(day)
        assert told() == [("kept", "200.00", 5, 14)]


def test_payments_from_before_the_promise_do_not_count(loan):
    promise(made=3)
    pay("200.00", june(2))
    night(14)
    assert told() == [("broken", "0.00", None, 14)]


def test_a_payment_taken_back_before_the_night_does_not_count(loan):
    promise()
    payment = pay("200.00", june(9))
    take_back(payment, june(13))
    night(14)
    assert told() == [("broken", "0.00", None, 14)]


def test_a_payment_taken_back_afterwards_lets_the_promise_be_decided_again_once(loan):
    promise()
    payment = pay("200.00", june(9))
    night(14)
    take_back(payment, june(20))
    assert night(20).counts == {"kept": 0, "partial": 0, "broken": 0}
    assert night(21).counts == {"kept": 0, "partial": 0, "broken": 1}
    assert told() == [("broken", "0.00", None, 21)]
    assert night(22).counts == {"kept": 0, "partial": 0, "broken": 0}


def test_a_payment_entered_late_keeps_a_promise_that_was_found_broken(loan):
    promise()
    night(14)
    pay("200.00", june(11), posted=june(18))
    night(19)
    assert told() == [("kept", "200.00", 11, 19)]


def test_one_payment_does_not_keep_two_promises(loan):
    promise(due=10)
    promise(due=11)
    pay("300.00", june(9))
    night(15)
    assert told() == [("kept", "200.00", 9, 15), ("partial", "100.00", None, 15)]


def test_money_goes_to_the_promise_whose_time_ends_first_whenever_it_was_made(loan):
    promise(due=20, made=1)
    promise(due=10, made=5)
    pay("200.00", june(8))
    pay("200.00", june(19))
    night(14)
    night(24)
    assert told() == [("kept", "200.00", 8, 14), ("kept", "200.00", 19, 24)]


def test_promises_of_other_loans_have_their_own_payments(loan):
    lend("L2", principal="5000.00", term=24)
    promise()
    promise(loan="L2")
    pay("200.00", june(9), loan="L2")
    assert night(14).counts == {"kept": 1, "partial": 0, "broken": 1}


def test_a_loan_that_is_paid_off_has_kept_its_promise_whatever_was_left():
    lend(principal="100.00", term=6)
    promise("200.00")
    pay("150.00", june(8))
    night(14)
    assert told() == [("kept", "150.00", 8, 14)]


def test_a_withdrawn_promise_is_never_decided(loan):
    promise()
    withdraw_promise(loan_number="L1", due_on=june(10), withdrawn_on=june(4))
    night(14)
    assert told() == [("withdrawn", "0.00", None, 4)]
    with pytest.raises(NoPromiseError):
        withdraw_promise(loan_number="L1", due_on=june(10), withdrawn_on=june(4))
    promise()  # The same again may be made: the first one counts no more.


def test_a_night_that_runs_late_sees_no_payment_of_a_later_nights_run(loan):
    promise()
    posted_by_night = datetime(2024, 6, 14, 6, tzinfo=UTC)
    pay("100.00", june(12))
    post_payment(loan_number="L1", amount=D("100.00"), reference="late", effective_date=june(13), booking=on(june(14)))
    Payment.objects.filter(reference="late").update(due_at=posted_by_night)
    night(14, due_at=posted_by_night - timedelta(hours=2, minutes=30))
    assert told() == [("partial", "100.00", None, 14)]
    night(15, due_at=posted_by_night + timedelta(hours=21, minutes=30))
    assert told() == [("kept", "200.00", 13, 15)]


def test_done_twice_it_changes_nothing(loan):
    promise()
    night(14)
    assert night(14).counts == {"kept": 0, "partial": 0, "broken": 0}
    assert told() == [("broken", "0.00", None, 14)]


def test_a_loan_whose_payment_is_not_in_the_books_is_left_out_until_it_is(loan):
    lend("L2", principal="5000.00", term=24)
    promise()
    promise(loan="L2")
    payment = pay("200.00", june(9))
    Payment.objects.filter(pk=payment.pk).update(amount="200.01")
    outcome = night(14)
    assert outcome.counts == {"kept": 0, "partial": 0, "broken": 1}
    (bad,) = outcome.quarantined
    assert (bad.key, payment.reference in bad.reason) == ("L1", True)
    Payment.objects.filter(pk=payment.pk).update(amount="200.00")
    assert night(14, only=["L1"]).counts == {"kept": 1, "partial": 0, "broken": 0}


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"amount": "0.00"}, BadPromiseError),
        ({"due": 2}, BadPromiseError),
        ({"loan": "L9"}, NoSuchLoanError),
    ],
)
def test_what_is_no_promise_is_refused(loan, options, error):
    with pytest.raises(error):
        promise(**options)


def test_the_same_promise_twice_is_refused_and_so_is_one_for_an_ended_loan(loan):
    promise()
    with pytest.raises(BadPromiseError, match="withdraw it first"):
        promise()
    lend("L2")
    pay("500.00", june(2), loan="L2")
    with pytest.raises(LoanEndedError):
        promise(loan="L2")
