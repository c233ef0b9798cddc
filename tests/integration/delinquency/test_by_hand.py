"""What operators say of loans: pauses and flags, and the nights they correct."""

from datetime import date

import pytest

from delinquency.exceptions import AlreadyFlaggedError, AlreadyPausedError, NotFlaggedError, NotPausedError
from delinquency.models import Flag, Pause
from delinquency.services import end_pause, flag, pause, unflag
from loans.exceptions import NoSuchLoanError
from loans.grid import days
from loans.services.booking import Booking
from tests.integration.delinquency.behind import judge, make_loan, make_product, nights, standings, state

BOOKING = Booking(entry_date=date(2024, 2, 20))


def jan(day):
    return date(2024, 1, day)


@pytest.fixture
def loan(books):
    return make_loan(dues=["2024-01-01"], product=make_product("soon", default_dpd=30))


FIRST, LAST = jan(5), jan(11)


def paused(first=FIRST, last=LAST, number="L1"):
    return pause(loan_number=number, starts_on=first, resumes_on=last, reason="flood", booking=BOOKING)


def test_a_pause_that_is_entered_late_corrects_the_nights_since(loan):
    for day in days(jan(2), date(2024, 2, 5)):
        judge(day)
    assert standings(loan)[-1][:2] == (jan(31), None)
    paused()
    assert standings(loan) == [(jan(2), None, jan(1), 1)]
    nights(date(2024, 2, 6), date(2024, 2, 7))
    assert standings(loan)[-1] == (date(2024, 2, 6), None, jan(1), 30)


def test_an_end_that_is_entered_late_corrects_the_nights_since(loan):
    paused(jan(5), None)
    nights(jan(2), date(2024, 2, 20))
    assert state(loan, date(2024, 2, 20))[1] == 4
    end_pause(loan_number="L1", resumes_on=jan(11), booking=BOOKING)
    assert state(loan, date(2024, 2, 20))[1] == 44
    assert standings(loan)[-1] == (date(2024, 2, 6), None, jan(1), 30)


@pytest.mark.parametrize(("first", "last"), [(jan(10), jan(12)), (jan(1), jan(6)), (jan(1), None), (jan(6), jan(7))])
def test_pauses_of_a_loan_do_not_overlap(loan, first, last):
    paused()
    with pytest.raises(AlreadyPausedError, match="L1 are paused"):
        paused(first, last)
    assert Pause.objects.count() == 1


def test_a_pause_may_follow_another(loan):
    paused()
    paused(jan(11), jan(12))
    paused(jan(1), jan(5))
    assert Pause.objects.count() == 3


@pytest.mark.parametrize("resumes_on", [jan(5), jan(12)])
def test_what_is_not_paused_cannot_resume(loan, resumes_on):
    paused()
    with pytest.raises(NotPausedError, match="No pause of L1"):
        end_pause(loan_number="L1", resumes_on=resumes_on, booking=BOOKING)


def test_a_loan_that_does_not_exist_is_named(books):
    with pytest.raises(NoSuchLoanError, match="ghost"):
        paused(number="ghost")


def test_flags_begin_and_end_once(loan):
    flag(loan_number="L1", kind="deceased", starts_on=jan(5))
    with pytest.raises(AlreadyFlaggedError, match="L1 has the flag deceased"):
        flag(loan_number="L1", kind="deceased", starts_on=jan(6))
    flag(loan_number="L1", kind="bankruptcy", starts_on=jan(6))
    with pytest.raises(NotFlaggedError, match="began by 2024-01-04"):
        unflag(loan_number="L1", kind="deceased", ends_on=jan(4))
    unflag(loan_number="L1", kind="deceased", ends_on=jan(7))
    with pytest.raises(NotFlaggedError):
        unflag(loan_number="L1", kind="deceased", ends_on=jan(8))
    flag(loan_number="L1", kind="deceased", starts_on=jan(20))
    assert Flag.objects.count() == 3
