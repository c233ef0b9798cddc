"""Which periods a loan's statements are about, and what is in them, at the edges."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from delinquency.models import Flag
from loans.models import Accrual, Borrower, Closure, Loan, RateSegment
from loans.services import closing
from loans.services.booking import book_one
from payments.services import waive_fee
from statements.exceptions import CycleUnchangedError, NotADayOfIssueError
from statements.models import Statement, StatementCycle
from statements.services import set_cycle
from tests.integration.payments.money import D, accrue, assess_fee, lend, on, pay, take_back
from tests.integration.statements.issued import issue, periods, statement, sums, through

pytestmark = pytest.mark.usefixtures("books")


def test_a_first_period_is_short_and_holds_what_was_lent():
    lend(start=date(2024, 1, 10))
    through(date(2024, 1, 11), date(2024, 3, 1))
    assert periods() == ["2024-01-10..2024-01-31", "2024-02-01..2024-02-29"]
    # 100 at 7 % on 30/360 is .5833 a month: 21/31 of it by 31 January, all of it and 19/29 more by 29 February.
    assert sums(date(2024, 1, 31)) == {"opening": "0.00", "charges": "100.00", "interest": "0.40", "closing": "100.40"}
    assert sums(date(2024, 2, 29)) == {"opening": "100.40", "interest": "0.56", "closing": "100.96"}


def test_the_interest_of_the_1st_belongs_to_the_new_period():
    lend(principal="10000.00", rate="0.36", day_count="Act/360")
    through(date(2024, 1, 2), date(2024, 3, 1))
    assert sums(date(2024, 1, 31))["interest"] == "300.00"
    assert sums(date(2024, 2, 29))["interest"] == "290.00"


def test_what_a_tenant_had_before_its_first_statements_is_the_opening_balance():
    lend(start=date(2023, 11, 5))
    for day in (date(2023, 11, 30), date(2023, 12, 31), date(2024, 1, 31)):
        accrue(day)
    accrue(date(2024, 2, 1))
    issue(date(2024, 2, 1))
    assert periods() == ["2024-01-01..2024-01-31"]
    assert statement(date(2024, 1, 31)).previous_end is None
    assert sums(date(2024, 1, 31)) == {"opening": "101.07", "interest": "0.58", "closing": "101.65"}
    assert str(statement(date(2024, 1, 31)).interest_ytd) == "0.58"


def test_a_period_in_which_nothing_happens_is_stated_too():
    lend(rate="0.00")
    through(date(2024, 1, 2), date(2024, 3, 1))
    assert sums(date(2024, 2, 29)) == {"opening": "100.00", "closing": "100.00"}


def test_due_is_what_is_scheduled_and_what_is_past_due_with_all_fees():
    lend()
    through(date(2024, 1, 2), date(2024, 2, 14))
    pay("7.01", date(2024, 2, 14))
    assess_fee(Loan.objects.get(), "5.00", date(2024, 2, 20))
    through(date(2024, 2, 15), date(2024, 3, 1))
    one = statement(date(2024, 2, 29))
    assert (one.next_due, one.oldest_due) == (date(2024, 3, 1), date(2024, 2, 1))
    assert [str(amount) for amount in (one.scheduled, one.past_due, one.amount_due)] == ["17.01", "15.00", "32.01"]


def test_an_instalment_due_on_the_day_of_issue_is_not_past_due_yet():
    lend()
    through(date(2024, 1, 2), date(2024, 2, 1))
    one = statement(date(2024, 1, 31))
    assert (one.next_due, str(one.scheduled), str(one.past_due)) == (date(2024, 2, 1), "17.01", "0.00")


def test_paid_ahead_the_next_instalment_is_the_one_that_is_not_paid():
    lend()
    pay("20.00", date(2024, 1, 5))
    through(date(2024, 1, 6), date(2024, 2, 1))
    one = statement(date(2024, 1, 31))
    assert (one.next_due, str(one.scheduled)) == (date(2024, 3, 1), "14.02")


def test_a_payoff_ends_the_statements():
    lend()
    through(date(2024, 1, 2), date(2024, 2, 10))
    pay("100.84", date(2024, 2, 10))
    through(date(2024, 2, 11), date(2024, 5, 1))
    assert periods() == ["2024-01-01..2024-01-31", "2024-02-01..2024-02-29"]
    last = statement(date(2024, 2, 29))
    assert (last.ending, str(last.closing), last.next_due, str(last.amount_due)) == (
        "fully paid",
        "-0.08",
        None,
        "0.00",
    )


def test_a_payoff_that_comes_back_begins_them_again_without_a_gap():
    lend()
    through(date(2024, 1, 2), date(2024, 2, 10))
    payment = pay("101.00", date(2024, 2, 10))
    through(date(2024, 2, 11), date(2024, 4, 10))
    take_back(payment, date(2024, 4, 10))
    through(date(2024, 4, 11), date(2024, 5, 1))
    assert periods() == ["2024-01-01..2024-01-31", "2024-02-01..2024-02-29", "2024-03-01..2024-04-30"]
    again = statement(date(2024, 4, 30))
    assert (again.ending, str(again.opening), str(again.payments)) == (
        "",
        str(statement(date(2024, 2, 29)).closing),
        "-101.00",
    )


def charge_off(loan, day):
    """Charge a loan off, all that is booked of it."""
    accrued = Accrual.objects.filter(loan=loan, reversal=None).order_by("-accrual_date").first().accrued
    book_one(
        loan_id=loan.pk,
        kind="charge-off",
        effective_date=day,
        principal=D("-100.00"),
        interest=-accrued,
        booking=on(day),
    )
    closing.close(loan_ids=[loan.pk], closed_on=day, reason="charged off", booking=on(day))


def test_after_a_charge_off_there_is_one_statement_and_no_more_whatever_comes_in():
    loan = lend()
    through(date(2024, 1, 2), date(2024, 2, 10))
    charge_off(loan, date(2024, 2, 10))
    through(date(2024, 2, 11), date(2024, 3, 5))
    pay("50.00", date(2024, 3, 5))
    through(date(2024, 3, 6), date(2024, 5, 1))
    assert periods() == ["2024-01-01..2024-01-31", "2024-02-01..2024-02-29"]
    last = statement(date(2024, 2, 29))
    assert (last.ending, str(last.charged_off), str(last.closing)) == ("charged off", "100.76", "0.00")


def test_a_loan_that_was_closed_when_we_got_it_has_no_statement():
    lend("open")
    closed = lend("closed")
    Closure.objects.create(loan=closed, closed_on=date(2023, 12, 1), reason="charged off")
    book_one(
        loan_id=closed.pk,
        kind="waiver",
        effective_date=date(2024, 1, 1),
        booking=on(date(2024, 1, 1)),
        principal=D(-100),
    )
    through(date(2024, 1, 2), date(2024, 2, 1))
    assert list(Statement.objects.values_list("loan__number", flat=True)) == ["open"]


def test_what_counts_for_a_stated_day_is_an_adjustment_in_the_next_statement():
    lend()
    through(date(2024, 1, 2), date(2024, 2, 5))
    issued = sums(date(2024, 1, 31))
    pay("50.00", date(2024, 1, 16), posted=date(2024, 2, 5))
    through(date(2024, 2, 6), date(2024, 3, 1))
    assert (
        sums(date(2024, 1, 31))
        == issued
        == {"opening": "0.00", "charges": "100.00", "interest": "0.56", "closing": "100.56"}
    )
    # The payment, and 15 days of interest at 7 % on half of the principal that were written anew.
    assert sums(date(2024, 2, 29)) == {
        "opening": "100.56",
        "interest": "0.29",
        "adjustments": "-50.14",
        "closing": "50.71",
    }


def test_what_is_booked_late_with_an_earlier_date_is_an_adjustment_too():
    loan = lend()
    through(date(2024, 1, 2), date(2024, 2, 1))
    assess_fee(loan, "5.00", date(2024, 1, 31))
    through(date(2024, 2, 2), date(2024, 3, 1))
    assert sums(date(2024, 2, 29))["adjustments"] == "5.00"
    assert sums(date(2024, 2, 29))["opening"] == sums(date(2024, 1, 31))["closing"]


def test_what_is_taken_back_in_its_own_period_leaves_no_trace_and_else_is_told():
    loan = lend()
    assess_fee(loan, "15.00", date(2024, 1, 20))
    through(date(2024, 1, 2), date(2024, 2, 2))
    fee = pay("5.00", date(2024, 2, 2))
    take_back(fee, date(2024, 2, 20))
    through(date(2024, 2, 3), date(2024, 3, 1))
    assert sums(date(2024, 1, 31))["fees"] == "15.00"
    assert "payments" not in sums(date(2024, 2, 29))


def test_the_bankrupt_get_information_and_no_demand():
    loan = lend()
    Flag.objects.create(loan=loan, kind="bankruptcy", starts_on=date(2024, 1, 31), ends_on=date(2024, 3, 30))
    Flag.objects.create(loan=loan, kind="deceased", starts_on=date(2024, 1, 1))
    through(date(2024, 1, 2), date(2024, 4, 1))
    assert [one.variant for one in Statement.objects.order_by("period_end")] == ["bankruptcy", "bankruptcy", "ordinary"]


def test_year_to_date_begins_anew_with_the_year():
    loan = lend(start=date(2023, 11, 1), principal="10000.00", rate="0.36", day_count="Act/360")
    assess_fee(loan, "5.00", date(2023, 12, 2))
    through(date(2023, 11, 2), date(2024, 1, 20))
    payment = pay("1000.00", date(2024, 1, 20))
    through(date(2024, 1, 21), date(2024, 3, 1))
    december, february = statement(date(2023, 12, 31)), statement(date(2024, 2, 29))
    assert (str(december.interest_ytd), str(december.fees_ytd)) == ("600.00", "5.00")
    assert february.interest_ytd == statement(date(2024, 1, 31)).interest + february.interest
    assert (str(february.fees_ytd), payment.amount) == (
        "0.00",
        february.paid_principal_ytd + february.paid_interest_ytd + february.paid_fees_ytd,
    )


def test_a_fee_that_is_waived_is_waived_in_its_statement():
    loan = lend()
    assess_fee(loan, "5.00", date(2024, 1, 20))
    waive_fee(fee="fee", reason="kindness", booking=on(date(2024, 1, 25)))
    through(date(2024, 1, 2), date(2024, 2, 1))
    assert sums(date(2024, 1, 31)) == {
        "opening": "0.00",
        "charges": "100.00",
        "interest": "0.56",
        "fees": "5.00",
        "waived": "5.00",
        "closing": "100.56",
    }


class TestCycles:
    def test_each_loan_is_stated_in_its_own(self):
        for number in ("B", "M", "Q"):
            lend(number)
        set_cycle(loan_number="B", cycle="biweekly", business_date=date(2024, 1, 1))
        set_cycle(loan_number="Q", cycle="quarterly", business_date=date(2024, 1, 1))
        for day in (date(2024, 1, 15), date(2024, 2, 1), date(2024, 2, 15), date(2024, 3, 1), date(2024, 4, 1)):
            accrue(day)
            for cycle in ("monthly", "biweekly", "quarterly"):
                if (cycle, day.day) != ("monthly", 15) and (cycle != "quarterly" or day.month == 4):
                    issue(day, cycle=cycle)
        assert periods("M") == ["2024-01-01..2024-01-31", "2024-02-01..2024-02-29", "2024-03-01..2024-03-31"]
        assert periods("Q") == ["2024-01-01..2024-03-31"]
        assert periods("B") == [
            "2024-01-01..2024-01-14",
            "2024-01-15..2024-01-31",
            "2024-02-01..2024-02-14",
            "2024-02-15..2024-02-29",
            # The window of 15 March was missed: the next one states both halves, each by itself.
            "2024-03-01..2024-03-14",
            "2024-03-15..2024-03-31",
        ]

    def test_a_change_leaves_no_gap_and_no_overlap_in_whatever_order_the_schedules_run(self):
        lend()
        accrue(date(2024, 1, 31))
        issue(date(2024, 2, 1))
        set_cycle(loan_number="L1", cycle="biweekly", business_date=date(2024, 3, 5))
        set_cycle(loan_number="L1", cycle="quarterly", business_date=date(2024, 3, 20))
        accrue(date(2024, 4, 1))
        issue(date(2024, 4, 1), cycle="quarterly")
        assert issue(date(2024, 3, 1)).counts["statements"] == 0
        assert issue(date(2024, 3, 15), cycle="biweekly").counts["statements"] == 0
        assert periods() == [
            "2024-01-01..2024-01-31",
            "2024-02-01..2024-02-29",
            "2024-03-01..2024-03-14",
            "2024-03-15..2024-03-31",
        ]

    def test_chosen_twice_on_a_day_the_last_choice_counts(self):
        lend()
        set_cycle(loan_number="L1", cycle="biweekly", business_date=date(2024, 3, 5))
        set_cycle(loan_number="L1", cycle="quarterly", business_date=date(2024, 3, 5))
        assert StatementCycle.objects.get().cycle == "quarterly"
        with pytest.raises(CycleUnchangedError, match="Loan L1 has quarterly statements already"):
            set_cycle(loan_number="L1", cycle="quarterly", business_date=date(2024, 3, 6))

    def test_a_day_on_which_none_are_issued_is_refused(self):
        with pytest.raises(NotADayOfIssueError, match="No quarterly statements are issued on 2024-02-01"):
            issue(date(2024, 2, 1), cycle="quarterly")


class TestQuarantine:
    def test_a_loan_that_lacks_interest_waits_and_is_stated_period_by_period(self):
        for number in ("L1", "L2"):
            lend(number)
        accrue(date(2024, 1, 15))
        RateSegment.objects.filter(loan__number="L2").update(effective_from=date(2033, 1, 1))
        accrue_all_but_bad(date(2024, 1, 31))
        outcome = issue(date(2024, 2, 1))
        assert outcome.counts["statements"] == 1
        (bad,) = outcome.quarantined
        assert (bad.model, bad.key) == ("loans.Loan", "L2")
        assert bad.reason.startswith("has no interest of 2024-01-31")
        RateSegment.objects.filter(loan__number="L2").update(effective_from=date(2024, 1, 1))
        accrue(date(2024, 2, 29))
        assert issue(date(2024, 3, 1)).counts["statements"] == 3
        assert periods("L2") == periods("L1") == ["2024-01-01..2024-01-31", "2024-02-01..2024-02-29"]

    def test_a_rerun_does_just_the_loans_it_is_asked_for(self):
        for number in ("L1", "L2", "L3"):
            lend(number)
        accrue(date(2024, 1, 31))
        assert issue(date(2024, 2, 1), only=["L2"]).counts == {"statements": 1, "last": 0, "archives": 1}
        assert periods("L1") == []
        assert issue(date(2024, 2, 1)).counts["statements"] == 2
        assert issue(date(2024, 2, 1)).counts == {"statements": 0, "last": 0, "archives": 0}


class TestWhatTheDatabaseHolds:
    @pytest.fixture
    def second(self):
        lend()
        through(date(2024, 1, 2), date(2024, 3, 1))
        return statement(date(2024, 2, 29))

    @pytest.mark.parametrize(
        ("changed", "constraint"),
        [
            ({"charges": D("1.00")}, "adds_up"),
            ({"interest": D("1.00")}, "adds_up"),
            ({"principal_owed": D("1.00")}, "closing_is_what_is_owed"),
            ({"amount_due": D("1.00")}, "due_adds_up"),
            ({"opening": D("99.00"), "adjustments": D("1.56")}, "statement_follows"),
            ({"period_start": date(2024, 2, 2)}, "period_follows"),
            ({"previous_end": None}, "one_is_the_first"),
            ({"period_end": date(2024, 1, 31)}, "statement"),
        ],
    )
    def test_no_statement_that_does_not_add_up_or_follow(self, second, changed, constraint):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Statement.objects.filter(pk=second.pk).update(**changed)


def accrue_all_but_bad(day):
    """Write the interest of those that can have it."""
    from loans.services import accrue_interest

    assert len(accrue_interest(business_date=day).quarantined) == 1


def test_nobody_is_stated_when_there_is_no_loan():
    Borrower.objects.create(reference="x", state="CA")
    assert issue(date(2024, 2, 1)).counts == {"statements": 0, "last": 0, "archives": 0}
