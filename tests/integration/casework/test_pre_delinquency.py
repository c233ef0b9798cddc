"""Whom the night wants reached before an instalment is due, and whom it leaves alone."""

from datetime import date

import pytest

from casework.models import Case, CaseEvent, ContactPreference, Outreach
from casework.services import define_campaign, define_queue, end_campaign, find_pre_delinquent
from common.outcomes import BadItem
from delinquency.services import flag
from loans.models import Forbearance, Instalment
from payments.models import Autopay, BankAccount, Payment, PaymentReversal
from tests.integration.casework.cases import assign, cases, detect, story
from tests.integration.delinquency.behind import add_instalment, make_loan, pay, take_back

pytestmark = pytest.mark.usefixtures("books")

NOTHING = {"outreach": 0, "opened": 0, "closed": 0}
ONE = {"outreach": 1, "opened": 1, "closed": 0}


@pytest.fixture(autouse=True)
def campaign(books):
    return define_campaign(code="soon", trigger="due soon", days_ahead=5, starts_on=date(2024, 1, 1))


def autopay(loan, authorised_on=date(2023, 12, 1), ends_on=None):
    account = BankAccount.objects.create(
        borrower=loan.borrower, holder="H", routing_number="231380104", account_number="1"
    )
    return Autopay.objects.create(loan=loan, account=account, authorised_on=authorised_on, ends_on=ends_on)


def came_back(loan, day, reason="R01"):
    payment = Payment.objects.create(
        reference=f"{loan}{day}", loan=loan, amount="1.00", effective_date=day, posted_on=day
    )
    PaymentReversal.objects.create(payment=payment, effective_date=day, reason=reason, posted_on=day)


class TestDays:
    @pytest.mark.parametrize(("due", "found"), [("02-01", 0), ("02-02", 1), ("02-06", 1), ("02-07", 0)])
    def test_instalments_due_from_the_next_day_through_the_campaigns_last(self, due, found):
        make_loan(dues=[f"2024-{due}"])
        assert detect("02-01").counts == {"outreach": found, "opened": found, "closed": 0}

    def test_each_instalment_is_reached_once_and_its_row_says_by_which_night(self):
        make_loan(dues=["2024-02-06"])
        assert detect("02-01").counts == ONE
        assert detect("02-01").counts == detect("02-02").counts == NOTHING
        assert find_pre_delinquent(business_date=date(2024, 2, 1)).counts == NOTHING
        outreach = Outreach.objects.values_list("loan__number", "instalment_number", "campaign__code", "found_on")
        assert list(outreach) == [("L1", 1, "soon", date(2024, 2, 1))]
        assert story(Case.objects.get()) == [("02-01 01:30", "opened"), ("02-01 01:30", "queued")]
        assert Case.objects.get().queue.code == "general"

    def test_an_instalment_put_in_its_place_by_a_new_plan_is_the_same(self):
        loan = make_loan(dues=["2024-02-06"])
        detect("02-01")
        Instalment.objects.filter(loan=loan).update(superseded_on=date(2024, 2, 1))
        add_instalment(loan, 1, date(2024, 2, 6), "240.00")
        assert detect("02-02").counts == NOTHING
        assert cases() == [("L1", "pre-delinquency", "open")]

    def test_a_campaign_that_ended_reaches_nobody(self):
        make_loan(dues=["2024-02-06"])
        end_campaign(code="soon", ends_on=date(2024, 1, 31))
        assert detect("02-01").counts == NOTHING
        assert detect("01-31").counts == {"outreach": 0, "opened": 0, "closed": 0}
        make_loan("L2", dues=["2024-02-05"])
        assert detect("01-31").counts == ONE


class TestLeftAlone:
    def test_who_paid_ahead(self):
        loan = make_loan(dues=["2024-02-06", "2024-12-06"])
        pay(loan, date(2024, 1, 31), "250.00")
        assert detect("02-01").counts == NOTHING

    def test_a_payment_of_the_day_itself_comes_too_late(self):
        loan = make_loan(dues=["2024-02-06", "2024-12-06"])
        pay(loan, date(2024, 2, 1), "250.00")
        assert detect("02-01").counts == ONE

    def test_who_is_behind_already(self):
        make_loan(dues=["2024-01-06", "2024-02-06"])
        assert detect("02-01").counts == NOTHING

    def test_whose_instalment_will_be_drafted(self):
        autopay(make_loan("L1", dues=["2024-02-06"]))
        autopay(make_loan("L2", dues=["2024-02-06"]), ends_on=date(2024, 2, 6))
        autopay(make_loan("L3", dues=["2024-02-06"]), ends_on=date(2024, 2, 5))
        autopay(make_loan("L4", dues=["2024-02-06"]), authorised_on=date(2024, 2, 1))
        detect("02-01")
        assert [loan for loan, _, _ in cases()] == ["L3", "L4"]

    @pytest.mark.parametrize("kind", ["cease-contact", "attorney"])
    def test_who_is_not_to_be_contacted(self, kind):
        loan = make_loan(dues=["2024-02-06"])
        stop = ContactPreference.objects.create(borrower=loan.borrower, kind=kind, starts_on=date(2024, 2, 1))
        assert detect("02-01").counts == NOTHING
        ContactPreference.objects.filter(pk=stop.pk).update(ends_on=date(2024, 2, 1))
        assert detect("02-01").counts == NOTHING
        assert detect("02-02").counts == ONE

    @pytest.mark.parametrize("kind", ["bankruptcy", "deceased"])
    def test_the_bankrupt_and_the_dead(self, kind):
        make_loan(dues=["2024-02-06"])
        flag(loan_number="L1", kind=kind, starts_on=date(2024, 1, 20))
        assert detect("02-01").counts == NOTHING

    def test_the_forborne(self):
        loan = make_loan(dues=["2024-02-06"])
        make_loan("L2", dues=["2024-02-06"])
        Forbearance.objects.create(loan=loan, starts_on=date(2024, 2, 6), ends_on=date(2024, 3, 6))
        detect("02-01")
        assert [number for number, _, _ in cases()] == ["L2"]


class TestRisks:
    @pytest.fixture(autouse=True)
    def campaign(self, books):
        define_campaign(code="off", trigger="autopay off", days_ahead=31, look_back_days=30, starts_on=date(2024, 1, 1))
        define_campaign(
            code="nsf", trigger="returned payment", days_ahead=31, look_back_days=30, starts_on=date(2024, 1, 1)
        )

    def test_drafts_that_ended_lately(self):
        autopay(make_loan("L1", dues=["2024-03-03"]), ends_on=date(2024, 1, 31))
        autopay(make_loan("L2", dues=["2024-03-03"]), ends_on=date(2024, 2, 1))
        autopay(make_loan("L3", dues=["2024-03-03"]), ends_on=date(2024, 1, 2))
        autopay(make_loan("L4", dues=["2024-03-03"]), ends_on=date(2024, 1, 1))
        make_loan("L5", dues=["2024-03-03"])
        detect("02-01")
        assert [loan for loan, _, _ in cases()] == ["L1", "L3"]
        assert {row.campaign.code for row in Outreach.objects.all()} == {"off"}

    def test_payments_that_came_back_lately_also_where_the_next_will_be_drafted(self):
        came_back(make_loan("L1", dues=["2024-03-03"]), date(2024, 1, 2))
        autopay(loan := make_loan("L2", dues=["2024-03-03"]))
        came_back(loan, date(2024, 1, 31))
        came_back(make_loan("L3", dues=["2024-03-03"]), date(2024, 1, 1))
        came_back(make_loan("L4", dues=["2024-03-03"]), date(2024, 2, 1))
        came_back(make_loan("L5", dues=["2024-03-03"]), date(2024, 1, 20), reason="entered twice")
        detect("02-01")
        assert [loan for loan, _, _ in cases()] == ["L1", "L2"]

    def test_two_campaigns_share_one_case(self):
        came_back(make_loan("L1", dues=["2024-02-03"]), date(2024, 1, 20))
        define_campaign(code="soon too", trigger="due soon", days_ahead=5, starts_on=date(2024, 1, 1))
        assert detect("02-01").counts == {"outreach": 2, "opened": 1, "closed": 0}


class TestEnds:
    def test_what_is_paid_closes_the_case(self):
        loan = make_loan(dues=["2024-02-06", "2024-12-06"])
        detect("02-01")
        pay(loan, date(2024, 2, 3), "250.00")
        assert detect("02-03").counts == NOTHING
        assert detect("02-04").counts == {**NOTHING, "closed": 1}
        assert CaseEvent.objects.get(kind="closed").note == "nothing more is due soon"

    def test_what_becomes_past_due_is_another_case(self):
        make_loan(dues=["2024-02-06"])
        detect("02-01")
        assert detect("02-06").counts == NOTHING
        assert detect("02-07").counts == {**NOTHING, "closed": 1}
        assign("02-07")
        assert cases() == [("L1", "pre-delinquency", "closed"), ("L1", "delinquent", "open")]

    def test_the_next_instalment_finds_the_case_that_is_open_or_opens_another(self):
        loan = make_loan(dues=["2024-02-06", "2024-02-10", "2024-03-06", "2024-12-06"])
        detect("02-02")
        assert detect("02-05").counts == {"outreach": 1, "opened": 0, "closed": 0}
        pay(loan, date(2024, 2, 5), "500.00")
        detect("02-06")
        assert detect("03-01").counts == ONE
        assert [case.number for case in Case.objects.order_by("id")] == ["L1/1", "L1/2"]


def test_a_case_stands_in_the_queue_of_its_first_campaign_and_stays_there():
    for code in ("calls", "letters"):
        define_queue(code=code)
        define_campaign(code=code, trigger="due soon", days_ahead=3, starts_on=date(2024, 1, 1), queue_code=code)
    end_campaign(code="soon", ends_on=date(2024, 1, 31))
    make_loan(dues=["2024-02-04"])
    assert detect("02-01").counts == {"outreach": 2, "opened": 1, "closed": 0}
    define_campaign(code="last call", trigger="due soon", days_ahead=2, starts_on=date(2024, 1, 1))
    assert detect("02-02").counts == {"outreach": 1, "opened": 0, "closed": 0}
    assert Case.objects.get().queue.code == "calls"


def test_a_loan_whose_plan_contradicts_itself_is_left_out_until_it_is_mended():
    make_loan("bad", dues=["2024-01-06", "2024-02-06"])
    make_loan("good", dues=["2024-02-06"])
    bad = Instalment.objects.filter(loan__number="bad")
    pay(bad[0].loan, date(2024, 1, 5), "250.00")
    bad.filter(number=2).update(due_through="501.00")
    outcome = detect("02-01")
    reason = "its plan does not add up at instalment 2: correct the due_through"
    assert outcome.quarantined == [BadItem(model="loans.Loan", key="bad", reason=reason)]
    assert outcome.counts == ONE
    bad.filter(number=2).update(due_through="500.00")
    outcome = detect("02-01", only=["bad", "ghost"])
    assert (outcome.counts, [item.key for item in outcome.quarantined]) == (ONE, ["ghost"])


def test_what_happened_since_does_not_count_for_a_night_that_runs_late():
    loan = make_loan("L1", dues=["2024-02-06", "2024-12-06"])
    made = make_loan("L2", dues=["2024-02-06", "2024-12-06"])
    pay(made, date(2024, 1, 20), "250.00")
    pay(loan, date(2024, 2, 10), "250.00")
    take_back(made, date(2024, 2, 12), "250.00")
    assert detect("02-01").counts == ONE
    assert cases() == [("L1", "pre-delinquency", "open")]
