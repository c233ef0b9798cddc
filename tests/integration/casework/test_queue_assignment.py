"""Delinquent loans have cases, in the queues their rules give, shared evenly among those who can work them."""

from datetime import date
from decimal import Decimal

import pytest

from casework.models import Agent, Case, CaseEvent
from casework.services import (
    assign as assign_by_hand,
)
from casework.services import assign_queues, close, define_agent, define_campaign, define_queue, define_rule, end_rule
from common.outcomes import BadItem
from delinquency.services import flag
from loans.models import Instalment
from tests.integration.casework.cases import agents, assign, at, cases, detect, dispute, story, worked_by
from tests.integration.delinquency.behind import make_loan, make_product, pay, take_back

pytestmark = pytest.mark.usefixtures("books")

NOTHING = {"opened": 0, "closed": 0, "moved": 0, "assigned": 0, "waiting": 0}
JANUARY = date(2024, 1, 1)


def rule(priority, queue, **fits):
    define_queue(code=queue)
    return define_rule(priority=priority, queue_code=queue, starts_on=fits.pop("starts_on", JANUARY), **fits)


class TestCases:
    def test_the_night_after_the_due_date_opens_one(self):
        make_loan(dues=["2024-02-01"])
        assert assign("02-01").counts == NOTHING
        assert assign("02-02").counts == {**NOTHING, "opened": 1, "moved": 1, "waiting": 1}
        assert cases() == [("L1", "delinquent", "open")]
        assert story(Case.objects.get()) == [("02-02 03:00", "opened"), ("02-02 03:00", "queued")]
        assert Case.objects.get().number == "L1/1"

    def test_within_the_grace_of_its_product_a_loan_is_nobodys_case(self):
        make_loan(dues=["2024-02-01"], product=make_product("mild", delinquency_grace=3))
        assert assign("02-04").counts == NOTHING
        assert assign("02-05").counts["opened"] == 1

    def test_the_night_after_it_is_paid_closes_it_and_the_next_arrears_open_another(self):
        loan = make_loan(dues=["2024-02-01", "2024-03-01"])
        assign("02-02")
        pay(loan, date(2024, 2, 5), "250.00")
        assert assign("02-05").counts == {**NOTHING, "waiting": 1}
        assert assign("02-06").counts == {**NOTHING, "closed": 1}
        assign("03-02")
        assert cases() == [("L1", "delinquent", "closed"), ("L1", "delinquent", "open")]
        assert [case.number for case in Case.objects.order_by("id")] == ["L1/1", "L1/2"]
        assert CaseEvent.objects.get(kind="closed").note == "the loan is no longer behind"

    def test_a_returned_payment_opens_another(self):
        loan = make_loan(dues=["2024-02-01", "2024-12-01"])
        assign("02-02")
        pay(loan, date(2024, 2, 5), "250.00")
        assign("02-06")
        take_back(loan, date(2024, 2, 8), "250.00")
        assert assign("02-08").counts == NOTHING
        assert assign("02-09").counts["opened"] == 1

    def test_one_closed_by_hand_is_opened_again_while_the_loan_is_behind(self):
        make_loan(dues=["2024-02-01"])
        assign("02-02")
        at("02-02", 10)
        close(number="L1/1", by="ann", note="mistaken")
        assert assign("02-03").counts["opened"] == 1

    def test_done_again_nothing_changes(self):
        agents("ann")
        for number in range(5):
            make_loan(f"L{number}", dues=["2024-02-01"])
        assert assign("02-02").counts == {"opened": 5, "closed": 0, "moved": 5, "assigned": 5, "waiting": 0}
        assert assign("02-02").counts == NOTHING
        assert assign_queues(business_date=date(2024, 2, 2)).counts == NOTHING
        assert assign("02-03").counts == NOTHING


class TestRules:
    def test_the_lowest_priority_that_fits_decides(self):
        rule(2, "early", max_days=30)
        rule(1, "rich", min_balance=Decimal("900.00"))
        rule(3, "late", min_days=30)
        make_loan("L1", dues=["2024-02-01"], amount="899.99")
        make_loan("L2", dues=["2024-02-01"], amount="900.00")
        make_loan("L3", dues=["2023-12-01"])
        assign("02-02")
        assert worked_by() == {"L1": ("early", None), "L2": ("rich", None), "L3": ("late", None)}

    def test_days_are_days_past_due_from_the_first_to_the_one_before_the_last(self):
        rule(1, "early", min_days=2, max_days=4)
        make_loan(dues=["2024-02-01"])
        seen = {day: assign(day) and worked_by()["L1"][0] for day in ("02-02", "02-03", "02-04")}
        assert seen == {"02-02": "general", "02-03": "early", "02-04": "early"}

    def test_products_and_states(self):
        rule(1, "cars", product_code=make_product("car").code)
        rule(2, "texas", state="TX")
        make_loan("L1", dues=["2024-02-01"], product=make_product("car"), state="TX")
        make_loan("L2", dues=["2024-02-01"], state="TX")
        make_loan("L3", dues=["2024-02-01"], state="NY")
        assign("02-02")
        assert {loan: queue for loan, (queue, _) in worked_by().items()} == {
            "L1": "cars",
            "L2": "texas",
            "L3": "general",
        }

    def test_the_balance_is_that_of_the_night(self):
        rule(1, "rich", min_balance=Decimal("500.00"))
        loan = make_loan(dues=["2024-02-01", "2024-03-01"])
        pay(loan, date(2024, 2, 2), "10.00")
        assign("02-02")
        assert worked_by()["L1"][0] == "rich"

    def test_a_case_is_moved_when_another_rule_fits_and_tells_by_which(self):
        rule(1, "early", max_days=10)
        rule(2, "late", min_days=10)
        make_loan(dues=["2024-02-01"])
        for day in range(2, 12):
            assign(f"02-{day:02}")
        events = CaseEvent.objects.filter(kind="queued").order_by("at")
        assert [(f"{e.at:%m-%d}", e.queue.code, e.rule.priority) for e in events] == [
            ("02-02", "early", 1),
            ("02-11", "late", 2),
        ]

    def test_a_night_goes_by_the_rules_of_its_date(self):
        rule(1, "old")
        rule(1, "new", starts_on=date(2024, 2, 3))
        make_loan(dues=["2024-02-01"])
        assign("02-02")
        assert worked_by()["L1"][0] == "old"
        assign("02-03")
        assert worked_by()["L1"][0] == "new"
        end_rule(priority=1, ends_on=date(2024, 2, 20))
        assign("02-20")
        assert worked_by()["L1"][0] == "new"
        assign("02-21")
        assert worked_by()["L1"][0] == "general"

    def test_a_case_does_not_go_to_and_fro(self):
        rule(1, "left", max_days=3)
        rule(2, "right", min_days=3, max_days=5)
        rule(3, "left", min_days=5)
        make_loan(dues=["2024-02-01"])
        queues = [assign(f"02-{day:02}") and worked_by()["L1"][0] for day in range(2, 14)]
        assert queues == ["left"] * 2 + ["right"] * 7 + ["left"] * 3


class TestAgents:
    def test_cases_are_shared_evenly_and_stay(self):
        agents("ann", "bob", "cyd")
        for number in range(7):
            make_loan(f"L{number}", dues=["2024-02-01"])
        assign("02-02")
        first = worked_by()
        assert sorted(Case.objects.filter(assignee=a).count() for a in Agent.objects.all()) == [2, 2, 3]
        agents("dan")
        assign("02-03")
        assert worked_by() == first

    def test_whoever_leaves_gives_their_cases_to_the_others(self):
        agents("ann", "bob")
        make_loan(dues=["2024-02-01"])
        assign("02-02")
        assert worked_by() == {"L1": ("general", "ann")}
        define_agent(code="ann", capacity=100, is_active=False)
        assert assign("02-03").counts == {**NOTHING, "assigned": 1}
        assert worked_by() == {"L1": ("general", "bob")}
        define_agent(code="bob", capacity=100, is_active=False)
        assert assign("02-04").counts == {**NOTHING, "waiting": 1}
        assert worked_by() == {"L1": ("general", None)}
        assert [kind for _, kind in story(Case.objects.get())][2:] == ["assigned", "assigned", "unassigned"]

    def test_another_queue_may_take_another_skill(self):
        agents("ann")
        agents("bob", skills=["law"])
        rule(1, "legal", min_days=3)
        define_queue(code="legal", skill="law")
        make_loan(dues=["2024-02-01"])
        assign("02-03")
        assert worked_by() == {"L1": ("general", "ann")}
        assign("02-04")
        assert worked_by() == {"L1": ("legal", "bob")}

    def test_nobody_gets_more_than_they_have_room_for(self):
        agents("ann", capacity=2)
        for number in range(3):
            make_loan(f"L{number}", dues=["2024-02-01"])
        assert assign("02-02").counts == {"opened": 3, "closed": 0, "moved": 3, "assigned": 2, "waiting": 1}
        assert worked_by()["L2"] == ("general", None)

    def test_one_given_by_hand_stays_there(self):
        agents("ann", "bob")
        make_loan(dues=["2024-02-01"])
        assign("02-02")
        at("02-02", 10)
        assign_by_hand(number="L1/1", agent_code="bob", by="ann")
        assert assign("02-03").counts == NOTHING
        assert worked_by() == {"L1": ("general", "bob")}


def test_a_night_that_runs_late_leaves_what_was_opened_since_and_does_what_was_closed_since():
    agents("ann")
    closed = dispute("L1", day="02-01", hour=1)
    dispute("L2", day="02-02", hour=1)
    at("02-02", 2)
    close(number=closed.number, by="ann", note="settled")
    assert assign("02-01").counts == {**NOTHING, "assigned": 1}
    assert Case.objects.values_list("assignee__code", flat=True).get(loan__number="L1") == "ann"
    assert worked_by() == {"L2": ("general", None)}
    assert assign("02-02").counts == {**NOTHING, "assigned": 1}
    assert worked_by() == {"L2": ("general", "ann")}


@pytest.mark.parametrize("order", [(detect, assign), (assign, detect)], ids=["in time", "after it"])
def test_whether_campaigns_were_looked_after_before_makes_no_difference(order):
    define_queue(code="reminders")
    define_campaign(code="soon", trigger="due soon", days_ahead=5, starts_on=JANUARY, queue_code="reminders")
    agents("ann", "bob")
    for number, due in enumerate(["02-01", "02-06", "02-01", "02-06"]):
        make_loan(f"L{number}", dues=[f"2024-{due}"])
    for night in order:
        night("02-02")
    late, soon = Case.objects.filter(kind="delinquent"), Case.objects.filter(kind="pre-delinquency")
    assert list(late.values_list("loan__number", "assignee__code").order_by("id")) == [("L0", "ann"), ("L2", "bob")]
    assert list(soon.values_list("loan__number", "queue__code", "assignee")) == [
        ("L1", "reminders", None),
        ("L3", "reminders", None),
    ]


def test_nights_missed_and_caught_up_are_as_nights_on_time():
    rule(1, "early", max_days=5)
    agents("ann", "bob")
    stories = []
    for prefix in ("late", "timely"):
        loans = [make_loan(f"{prefix}{n}", dues=["2024-02-01", "2024-03-01"]) for n in range(3)]
        if prefix == "late":
            pay(loans[0], date(2024, 2, 4), "250.00")
        for day in range(2, 10):
            if prefix == "timely" and day == 4:
                pay(loans[0], date(2024, 2, 4), "250.00")
            assign(f"02-{day:02}", only=[loan.number for loan in loans])
        told = [story(case) for case in Case.objects.filter(loan__in=loans).order_by("number")]
        stories.append(told)
    assert stories[0] == stories[1]


def test_one_bad_loan_is_left_out_and_done_once_it_is_mended():
    agents("ann")
    make_loan("bad", dues=["2024-01-01", "2024-02-01"])
    make_loan("good", dues=["2024-02-01"])
    Instalment.objects.filter(loan__number="bad", number=2).update(due_through="501.00")
    outcome = assign("02-02")
    assert outcome.counts == {"opened": 1, "closed": 0, "moved": 1, "assigned": 1, "waiting": 0}
    reason = "its plan does not add up at instalment 2: correct the due_through"
    assert outcome.quarantined == [BadItem(model="loans.Loan", key="bad", reason=reason)]
    Instalment.objects.filter(loan__number="bad", number=2).update(due_through="500.00")
    outcome = assign("02-02", only=["bad"])
    assert (outcome.counts["opened"], outcome.quarantined) == (1, [])
    assert worked_by() == {"bad": ("general", "ann"), "good": ("general", "ann")}


def test_a_case_whose_loan_cannot_be_judged_stays_as_it_is():
    make_loan("bad", dues=["2024-01-01", "2024-02-01"])
    assign("02-02")
    Instalment.objects.filter(number=2).update(due_through="501.00")
    agents("ann")
    assert assign("02-03").counts == NOTHING
    assert cases() == [("bad", "delinquent", "open")]


def test_a_flag_alone_is_no_case():
    make_loan(dues=["2024-12-01"])
    flag(loan_number="L1", kind="deceased", starts_on=date(2024, 2, 1))
    assert assign("02-05").counts == NOTHING
