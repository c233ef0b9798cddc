"""Bad loans among good ones: the others are done, and the bad ones follow once they are mended."""

from datetime import date
from decimal import Decimal

import pytest

from common.outcomes import BadItem
from loans.models import Accrual, Closure, Loan, RateSegment, Transaction
from loans.services import accrual_sql
from loans.services.accrual import UNEXPLAINED
from tests.integration.loans.books import START, accruals, accrue, amounts, make_loan, move, set_rate

pytestmark = pytest.mark.usefixtures("books")

NIGHT = date(2024, 1, 10)


def bad(number, reason):
    return BadItem(model="loans.Loan", key=number, reason=reason)


def test_one_bad_loan_of_a_thousand_leaves_999_done():
    for n in range(1000):
        make_loan(f"L{n:03}", rate=None if n == 500 else "0.07")
    outcome = accrue(NIGHT)
    assert outcome.counts == {"loans": 999, "rows": 999 * 9}
    assert outcome.quarantined == [bad("L500", "no rate is in force on 2024-01-01: add the rate segment")]


def test_a_mended_loan_gets_the_rows_of_all_its_nights():
    make_loan("good")
    loan = make_loan("bad", rate=None)
    accrue(NIGHT)
    assert not Accrual.objects.filter(loan=loan).exists()
    set_rate(loan, "0.07", START)
    outcome = accrue(date(2024, 1, 11))
    assert (outcome.counts, outcome.quarantined) == ({"loans": 2, "rows": 11}, [])
    good = Loan.objects.get(number="good")
    assert amounts(loan, START, date(2024, 1, 11)) == amounts(good, START, date(2024, 1, 11))


def test_a_rate_that_vanishes_stops_the_loan_where_it_is():
    loan = make_loan("bad")
    accrue(NIGHT)
    RateSegment.objects.all().delete()
    outcome = accrue(date(2024, 1, 12))
    assert outcome.quarantined == [bad("bad", "no rate is in force on 2024-01-10: add the rate segment")]
    assert amounts(loan, date(2024, 1, 10), date(2024, 1, 12))[1:] == [None, None]


def test_a_loan_without_principal_is_left_out():
    make_loan("bad")
    Transaction.objects.all().delete()
    reason = "no principal is booked on 2024-01-01, from when it accrues: book it"
    assert accrue(NIGHT).quarantined == [bad("bad", reason)]


def test_a_loan_that_owes_less_than_nothing_stops_on_that_day():
    loan = make_loan("bad", principal="100.00")
    move(loan, "-100.01", date(2024, 1, 5))
    outcome = accrue(NIGHT)
    assert outcome.quarantined == [bad("bad", "less than nothing is owed on 2024-01-05: correct its transactions")]
    assert amounts(loan, date(2024, 1, 2), date(2024, 1, 6)) == [2, 2, 2, 2, None]


def test_a_loan_that_stays_behind_for_no_known_reason_is_reported_all_the_same(monkeypatch):
    make_loan("bad", rate=None)
    monkeypatch.setattr(accrual_sql, "faults", lambda _: {})
    assert accrue(NIGHT).quarantined == [bad("bad", UNEXPLAINED)]


def test_the_largest_loan_at_the_highest_rate_stops_nobody():
    make_loan("good")
    loan = make_loan(
        "huge",
        principal="999999999999.99",
        rate="9.99999999",
        day_count="ACT/ACT ISDA",
        first_due=date(2999, 1, 1),
    )
    outcome = accrue(NIGHT)
    assert (outcome.counts, outcome.quarantined) == ({"loans": 2, "rows": 18}, [])
    assert Accrual.objects.get(loan=loan, accrual_date=NIGHT).cumulative == Decimal("245901639098.36")


def test_a_loan_that_closed_while_it_was_behind_still_gets_its_last_rows():
    make_loan("good")
    loan = make_loan("bad", rate=None)
    accrue(NIGHT)
    Closure.objects.create(loan=loan, closed_on=NIGHT, reason="charged off")
    reason = "no rate is in force on 2024-01-01: add the rate segment"
    assert accrue(date(2024, 1, 12)).quarantined == [bad("bad", reason)]
    set_rate(loan, "0.07", START)
    assert accrue(date(2024, 1, 13)).counts == {"loans": 1, "rows": 1 + 9}
    assert amounts(loan, date(2024, 1, 9), date(2024, 1, 11)) == [2, 2, None]


def test_a_rerun_of_chosen_loans_leaves_the_others_alone():
    for number in ("a", "b", "c"):
        make_loan(number, rate=None)
        set_rate(Loan.objects.get(number=number), "0.07", START)
    outcome = accrue(NIGHT, only=["b", "ghost"])
    assert outcome.counts == {"loans": 1, "rows": 9}
    assert outcome.quarantined == [bad("ghost", "no loan has this number: board it first")]
    assert {loan.number for loan in Loan.objects.filter(id__in=Accrual.objects.values("loan"))} == {"b"}


def test_a_rerun_of_no_loans_does_nothing():
    make_loan()
    assert accrue(NIGHT, only=[]).counts == {"loans": 0, "rows": 0}


def test_the_row_of_the_closing_day_is_the_last():
    loan = make_loan()
    Closure.objects.create(loan=loan, closed_on=date(2024, 1, 5), reason="charged off")
    for night in (date(2024, 1, 5), date(2024, 1, 6), NIGHT):
        assert accrue(night).quarantined == []
    assert amounts(loan, date(2024, 1, 4), date(2024, 1, 6)) == [2, 2, None]


def test_a_loan_that_was_closed_when_it_came_never_accrues():
    loan = make_loan()
    Loan.objects.update(accrues_from=None)
    outcome = accrue(NIGHT)
    assert (outcome.counts["rows"], outcome.quarantined, accruals()) == (0, [], [])
    assert loan.number == "L1"
