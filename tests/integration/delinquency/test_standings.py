"""The delinquency engine: what each night finds, and what of it is written down."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from delinquency.models import Pause, Standing
from delinquency.selectors import amounts_past_due
from loans.models import Closure, Forbearance, NonAccrual, RateSegment
from loans.services import accrue_interest
from tests.integration.delinquency.behind import (
    make_loan,
    make_product,
    night,
    nights,
    pay,
    standings,
    state,
    take_back,
)

pytestmark = pytest.mark.usefixtures("books")

DUE = date(2024, 1, 1)


def jan(day):
    return date(2024, 1, day)


def test_an_instalment_is_past_due_from_the_night_after_its_date():
    loan = make_loan(dues=["2024-01-01"])
    assert [state(loan, jan(day)) for day in (1, 2)] == [None, (1, 1, 1, 1)]


def test_a_payment_counts_from_the_night_after_its_date():
    loan = make_loan(dues=["2024-01-01", "2024-02-01"])
    pay(loan, jan(5), "250.00")
    assert [state(loan, jan(day)) for day in (5, 6)] == [(4, 4, 4, 1), None]
    nights(jan(2), jan(6))
    assert standings(loan) == [(jan(2), jan(6), DUE, 1)]


def test_a_payment_on_the_due_date_is_in_time():
    loan = make_loan(dues=["2024-01-01", "2024-02-01"])
    pay(loan, DUE, "250.00")
    nights(jan(1), jan(3))
    assert standings(loan) == []


def test_a_part_of_an_instalment_covers_nothing():
    loan = make_loan(dues=["2024-01-01", "2024-02-01"])
    pay(loan, jan(5), "249.99")
    assert state(loan, jan(6)) == (5, 5, 5, 1)
    assert amounts_past_due(jan(6)) == {loan.pk: Decimal("0.01")}


def test_what_the_product_tolerates_may_be_missing():
    loan = make_loan(dues=["2024-01-01", "2024-02-01"], product=make_product("lenient", tolerance="0.50"))
    pay(loan, jan(5), "249.50")
    assert state(loan, jan(6)) is None
    other = make_loan("L2", dues=["2024-01-01", "2024-02-01"], product=loan.product)
    pay(other, jan(5), "249.49")
    assert state(other, jan(6)) == (5, 5, 5, 1)


def test_paying_the_oldest_instalment_begins_another_standing():
    loan = make_loan(dues=["2024-01-01", "2024-01-11", "2024-02-11"])
    pay(loan, jan(20), "250.00")
    nights(jan(2), jan(22))
    assert standings(loan) == [(jan(2), jan(21), DUE, 1), (jan(21), None, jan(11), 1)]


def test_cured_on_the_day_another_instalment_is_due():
    loan = make_loan(dues=["2024-01-01", "2024-01-11", "2024-02-11"])
    pay(loan, jan(11), "250.00")
    nights(jan(10), jan(12))
    assert standings(loan) == [(jan(10), jan(12), DUE, 1), (jan(12), None, jan(11), 1)]


def test_a_payment_taken_back_opens_the_instalment_again():
    loan = make_loan(dues=["2024-01-01", "2024-02-01"])
    pay(loan, jan(1), "250.00")
    take_back(loan, jan(8), "250.00")
    nights(jan(1), jan(9))
    assert standings(loan) == [(jan(9), None, DUE, 1)]
    assert state(loan, jan(9)) == (8, 8, 8, 1)


def test_a_loan_that_ended_has_no_standing_from_the_night_after():
    loan = make_loan(dues=["2024-01-01"])
    nights(jan(2), jan(3))
    Closure.objects.create(loan=loan, closed_on=jan(4), reason="charged off")
    nights(jan(4), jan(6))
    assert standings(loan) == [(jan(2), jan(5), DUE, 1)]


def test_pauses_that_overlap_count_once():
    loan = make_loan(dues=["2024-01-01"])
    Pause.objects.create(loan=loan, starts_on=jan(5), resumes_on=jan(10), reason="flood")
    Forbearance.objects.create(loan=loan, starts_on=jan(8), ends_on=jan(14))
    assert [state(loan, jan(day))[1] for day in (5, 6, 10, 15, 16)] == [4, 4, 4, 4, 5]


def test_a_pause_before_the_due_date_takes_nothing_off():
    loan = make_loan(dues=["2024-01-10"])
    Pause.objects.create(loan=loan, starts_on=jan(1), resumes_on=jan(8), reason="flood")
    Pause.objects.create(loan=loan, starts_on=jan(9), resumes_on=jan(12), reason="storm")
    assert [state(loan, jan(day))[1] for day in (11, 12, 15)] == [0, 0, 3]


def test_a_pause_without_an_end_goes_on():
    loan = make_loan(dues=["2024-01-01"])
    Pause.objects.create(loan=loan, starts_on=jan(4), reason="flood")
    assert state(loan, date(2025, 1, 4)) == (369, 3, 3, 1)


def test_the_forbearance_ends_with_its_last_day():
    loan = make_loan(dues=["2024-01-01"])
    Forbearance.objects.create(loan=loan, starts_on=jan(2), ends_on=jan(10))
    assert [state(loan, jan(day))[1] for day in (10, 11, 12)] == [1, 1, 2]


def test_what_is_past_due_once_the_last_instalment_is():
    loan = make_loan(dues=["2024-01-01", "2024-02-01"])
    pay(loan, jan(5), "100.00")
    assert amounts_past_due(jan(10)) == {loan.pk: Decimal("150.00")}
    assert amounts_past_due(date(2024, 2, 2)) == {loan.pk: Decimal("400.00")}


def test_interest_of_the_time_after_maturity_is_past_due_too():
    loan = make_loan(dues=["2024-01-01"], amount="1000.00")
    RateSegment.objects.create(loan=loan, effective_from=loan.originated_on, rate="0.12")
    accrue_interest(business_date=date(2024, 2, 1))
    pay(loan, jan(31), "990.00")
    owed = Decimal("10.00") + sum(accrual.amount for accrual in loan.accrual_set.all())
    assert amounts_past_due(date(2024, 2, 1)) == {loan.pk: owed}


def test_non_accrual_begins_at_the_limit_and_ends_when_the_loan_is_current():
    loan = make_loan(dues=["2024-01-01", "2024-12-01"], product=make_product("strict", non_accrual_dpd=90))
    make_loan("L2", dues=["2024-01-01"])
    nights(date(2024, 3, 29), date(2024, 4, 1))
    assert list(NonAccrual.objects.values_list("loan", "starts_on", "ended_on")) == [(loan.pk, date(2024, 3, 31), None)]
    pay(loan, date(2024, 4, 2), "250.00")
    nights(date(2024, 4, 2), date(2024, 4, 4))
    assert NonAccrual.objects.get().ended_on == date(2024, 4, 3)


def test_a_second_time_a_night_writes_nothing():
    loan = make_loan(dues=["2024-01-01"])
    first = night(jan(10))
    before = standings()
    assert first.counts == {"past_due": 1, "begun": 1, "ended": 0}
    pay(loan, jan(5), "250.00")
    assert night(jan(10)).counts == {"past_due": 1, "begun": 0, "ended": 0}
    assert standings() == before


def test_without_loans_past_due_a_night_succeeds():
    make_loan(dues=["2024-02-01"])
    assert night(jan(10)).counts == {"past_due": 0, "begun": 0, "ended": 0}


def test_rows_bear_the_window_that_wrote_them():
    make_loan(dues=["2024-01-01"])
    due_at = datetime(2024, 1, 2, 2, 30, tzinfo=UTC)
    night(jan(2), due_at=due_at, run_id=7)
    assert Standing.objects.get().due_at == due_at
