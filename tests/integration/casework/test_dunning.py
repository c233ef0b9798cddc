"""Who hears of which step on which night: once, the newest only, and nobody who must be left in peace."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from casework.models import Notice, Step, StepVersion
from casework.services.contact import end_preference, log_contact, prefer
from casework.services.dunning import execute_dunning
from casework.services.plans import make_plan, withdraw_plan
from casework.services.promises import make_promise, withdraw_promise
from delinquency.models import Pause
from delinquency.services import flag, run_engine
from loans.models import Borrower, Closure, Forbearance
from schedules.models import OutboxMessage
from tests.integration.casework.dunned import DEFINED, define, make_loan, night, notices, october, step
from tests.integration.delinquency.behind import D, make_product, pay, take_back
from tests.integration.loans.schema import SCHEMA

pytestmark = pytest.mark.usefixtures("books")

TOLD = {"notices": 1, "barred": 0, "arranged": 0, "unmet": 0}
NOBODY = dict.fromkeys(TOLD, 0)
BEHIND_SINCE = october(2)


@pytest.fixture(autouse=True)
def engine(books):
    """The delinquency engine has run before anything was late."""
    run_engine(business_date=DEFINED)


@pytest.fixture
def loan():
    define()
    return make_loan()


class TestTheLadder:
    def test_a_step_is_taken_on_its_first_day_and_once(self, loan):
        for day in range(2, 12):
            night(october(day))
        assert notices() == [("first", BEHIND_SINCE, october(4)), ("second", BEHIND_SINCE, october(11))]

    def test_the_message_waits_for_the_borrowers_morning_under_a_key_of_its_own(self, loan):
        assert night(october(4)).counts == TOLD
        notice, message = Notice.objects.get(), OutboxMessage.objects.get()
        assert message.key == f"dunning.{SCHEMA}.{loan.pk}.20231002.{notice.step_id}"
        assert message.payload == {"tenant": SCHEMA, "notice": notice.pk}
        assert message.not_before == datetime(2023, 10, 4, 15, tzinfo=UTC)  # 8 o'clock in California.

    def test_nothing_of_who_the_borrower_is_is_in_the_message(self, loan):
        night(october(4))
        message = OutboxMessage.objects.get()
        assert not {"Ann", "Example", "l1@mail.example"} & set(str((message.key, message.payload)).split("'"))

    def test_missed_nights_give_one_notice_of_the_newest_step(self, loan):
        night(october(2))
        assert night(october(31)).counts == TOLD
        night(october(31) + timedelta(days=1))
        assert notices() == [("third", BEHIND_SINCE, october(31))]

    def test_a_step_within_its_days_is_taken_later_when_its_first_night_was_missed(self, loan):
        night(october(9))
        assert notices() == [("first", BEHIND_SINCE, october(9))]

    def test_nobody_goes_back_to_an_older_step_whose_days_last_longer(self):
        define(step("long", 3), step("short", 10, 12))
        make_loan()
        night(october(12))
        assert night(october(15)).counts == NOBODY
        assert notices() == [("short", BEHIND_SINCE, october(12))]

    def test_the_next_delinquency_begins_anew(self, loan):
        make_loan("L2", ["2023-10-01", "2023-11-01"])
        for day in (4, 5, 6):
            night(october(day))
        pay(Notice.objects.get(loan__number="L2").loan, october(6), "250.00")
        for day in range(8):
            night(date(2023, 11, 1) + timedelta(days=day))
        second = [row for row in notices() if row[1] != BEHIND_SINCE]
        assert second == [("first", date(2023, 11, 2), date(2023, 11, 4))]

    def test_a_partial_payment_that_moves_the_oldest_due_date_is_no_new_delinquency(self):
        define()
        loan = make_loan("L1", ["2023-10-01", "2023-10-05"])
        night(october(4))
        for day in (5, 6):
            night(october(day))
        pay(loan, october(6), "250.00")
        for day in (7, 8, 9):
            night(october(day))
        assert notices() == [("first", BEHIND_SINCE, october(4))]

    def test_paused_days_do_not_count(self, loan):
        Pause.objects.create(loan=loan, starts_on=october(3), resumes_on=october(8), reason="flood")
        for day in range(2, 13):
            night(october(day))
        assert notices() == [("first", BEHIND_SINCE, october(9))]

    def test_a_loan_charged_off_the_same_night_hears_nothing(self, loan):
        Closure.objects.create(
            loan=loan, closed_on=october(4), reason="charged off", due_at=datetime(2023, 10, 4, 2, 45, tzinfo=UTC)
        )
        night(october(4), due_at=datetime(2023, 10, 4, 4, tzinfo=UTC))
        assert notices() == []

    def test_done_twice_it_writes_nothing(self, loan):
        night(october(4))
        assert execute_dunning(business_date=october(4)).counts == NOBODY
        assert (Notice.objects.count(), OutboxMessage.objects.count()) == (1, 1)


class TestStrategies:
    def test_a_product_of_its_own_strategy_goes_by_that_alone(self):
        product = make_product("special")
        define()
        define(step("theirs", 5), code="special", product="special")
        make_loan("L1", product=product)
        make_loan("L2")
        for day in range(2, 8):
            night(october(day))
        assert notices() == [("first", BEHIND_SINCE, october(4)), ("theirs", BEHIND_SINCE, october(6))]

    def test_a_changed_step_is_a_new_version_that_nobody_gets_twice(self, loan):
        make_loan("L2", ["2023-10-03", "2024-06-01"])
        night(october(4))
        changed = step("first", 3, 9, subject="Changed")
        assert define(changed, on=october(5)) == 3
        night(october(6))
        assert notices() == [("first", BEHIND_SINCE, october(4)), ("first", october(4), october(6))]
        versions = Notice.objects.order_by("decided_on").values_list("version__version", "version__subject")
        assert list(versions) == [(1, "Your loan {{ loan }}"), (2, "Changed")]

    def test_a_night_that_runs_late_goes_by_the_version_of_its_date(self, loan):
        define(step("first", 3, 9, subject="Changed"), on=october(4))
        night(october(4))
        assert Notice.objects.get().version.version == 1

    def test_the_same_definition_again_changes_nothing(self, loan):
        assert define(on=october(5)) == 0
        assert (StepVersion.objects.count(), Step.objects.count()) == (3, 3)

    def test_a_step_that_is_no_longer_there_ends(self, loan):
        define(step("second", 10, 29), on=october(3))
        assert night(october(4)).counts == NOBODY

    @pytest.mark.parametrize(
        ("condition", "counts"),
        [
            ({"minimum": "250.00"}, TOLD),
            ({"minimum": "250.01"}, NOBODY | {"unmet": 1}),
            ({"states": ["CA", "NV"]}, TOLD),
            ({"states": ["NV"]}, NOBODY | {"unmet": 1}),
        ],
    )
    def test_a_step_may_have_conditions(self, condition, counts):
        define(step("first", 3, **condition))
        make_loan()
        assert night(october(4)).counts == counts


def test_a_borrower_without_a_known_state_is_left_out_until_it_is_entered(loan):
    make_loan("L2")
    Borrower.objects.filter(reference="L1").update(state="")
    outcome = night(october(4))
    assert (outcome.counts, [item.key for item in outcome.quarantined]) == (TOLD, ["L1"])
    Borrower.objects.filter(reference="L1").update(state="NY")
    assert execute_dunning(business_date=october(4), only=["L1"]).counts == TOLD


class TestWhoMayBeContacted:
    """One row of the table: what is on record before the night of the 4th, and whether a notice is written."""

    BARRED = NOBODY | {"barred": 1}

    @pytest.mark.parametrize("kind", ["cease-contact", "attorney"])
    def test_who_wants_no_contact_or_has_an_attorney_is_not_contacted_on_any_channel(self, loan, kind):
        prefer(loan_number="L1", kind=kind, starts_on=october(3))
        assert night(october(4)).counts == self.BARRED
        end_preference(loan_number="L1", kind=kind, ends_on=october(4))
        assert execute_dunning(business_date=october(5)).counts == TOLD

    @pytest.mark.parametrize("kind", ["bankruptcy", "deceased"])
    def test_the_bankrupt_and_the_dead_are_not_contacted(self, loan, kind):
        flag(loan_number="L1", kind=kind, starts_on=october(3))
        assert night(october(4)).counts == self.BARRED

    @pytest.mark.parametrize(("channel", "counts"), [("email", BARRED), ("sms", TOLD), ("letter", TOLD)])
    def test_an_opt_out_is_of_one_channel(self, loan, channel, counts):
        prefer(loan_number="L1", kind="opt-out", channel="email", starts_on=october(3))
        prefer(loan_number="L1", kind="consent", channel="sms", starts_on=october(3))
        define(step("first", 3, channel=channel), on=october(1))
        assert night(october(4)).counts == counts

    def test_it_is_the_borrower_who_opts_out_whatever_loan_it_was_about(self, loan):
        other = make_loan("L2", ["2023-12-01"])
        type(other).objects.filter(pk=other.pk).update(borrower=loan.borrower)
        prefer(loan_number="L2", kind="opt-out", channel="email", starts_on=october(3))
        assert night(october(4)).counts == self.BARRED

    def test_text_messages_need_consent_which_an_opt_out_outweighs(self, loan):
        define(step("first", 3, channel="sms"), on=october(1))
        assert night(october(4)).counts == self.BARRED
        prefer(loan_number="L1", kind="consent", channel="sms", starts_on=october(1))
        prefer(loan_number="L1", kind="opt-out", channel="sms", starts_on=october(1))
        assert execute_dunning(business_date=october(4)).counts == self.BARRED
        end_preference(loan_number="L1", kind="opt-out", channel="sms", ends_on=october(3))
        assert execute_dunning(business_date=october(4)).counts == TOLD

    @pytest.mark.parametrize(
        ("calls", "counts"),
        [
            ([(27, False)] * 7, TOLD),  # 12 CFR 1006.14(b)(2)(i)(A): seven calls, the last of them 7 days ago …
            ([(28, False)] * 7, BARRED),  # … and 6 days ago.
            ([(28, False)] * 6, TOLD),
            ([(27, True)], TOLD),  # (B): the day of the conversation is the first of the seven days.
            ([(28, True)], BARRED),
        ],
    )
    def test_calls_stop_at_seven_in_seven_days_and_for_seven_days_after_a_conversation(self, calls, counts):
        define(step("first", 3, channel="call"))
        make_loan()
        for day, reached in calls:
            when = date(2023, 9, day)
            log_contact(loan_number="L1", channel="call", made_on=when, today=when, reached=reached)
        assert night(october(4)).counts == counts

    def test_calls_do_not_stop_mail(self, loan):
        log_contact(loan_number="L1", channel="call", made_on=october(3), today=october(3), reached=True)
        assert night(october(4)).counts == TOLD

    def test_what_is_said_on_the_day_itself_the_night_does_not_know_yet(self, loan):
        prefer(loan_number="L1", kind="opt-out", channel="email", starts_on=october(4))
        assert night(october(4)).counts == TOLD  # The relay does, when the notice leaves.


class TestArrangements:
    ARRANGED = NOBODY | {"arranged": 1}

    def test_an_open_promise_keeps_the_loan_in_peace_through_its_last_day(self, loan):
        make_promise(loan_number="L1", amount=D("50.00"), made_on=october(2), due_on=october(4), tolerance_days=1)
        assert [night(october(day)).counts for day in (4, 5, 6)] == [self.ARRANGED, self.ARRANGED, TOLD]

    def test_a_withdrawn_promise_does_not(self, loan):
        make_promise(loan_number="L1", amount=D("50.00"), made_on=october(2), due_on=october(20))
        withdraw_promise(loan_number="L1", due_on=october(20), withdrawn_on=october(3))
        assert night(october(4)).counts == TOLD

    def test_a_running_plan_does_until_it_is_over(self, loan):
        make_plan(loan_number="L1", instalments=[(october(20), D("50.00"))], made_on=october(3))
        assert night(october(4)).counts == self.ARRANGED
        withdraw_plan(loan_number="L1", withdrawn_on=october(4))
        assert night(october(5)).counts == TOLD

    def test_a_promise_made_later_is_not_known_to_a_night_that_runs_late(self, loan):
        make_promise(loan_number="L1", amount=D("50.00"), made_on=october(4), due_on=october(20))
        assert night(october(4)).counts == TOLD

    def test_forbearance_and_pause_do(self, loan):
        make_loan("L2")
        Forbearance.objects.create(loan=loan, starts_on=october(4), ends_on=october(5))
        Pause.objects.create(loan_id=loan.pk + 1, starts_on=october(4), resumes_on=october(6), reason="flood")
        assert night(october(4)).counts == NOBODY | {"arranged": 2}


#: Nights in which loans fall behind, are cured and fall behind again; each may be missed.
LAST = 40
outages = st.sets(st.integers(1, LAST), max_size=LAST)
payments = st.lists(st.tuples(st.integers(0, 2), st.integers(1, LAST)), max_size=6)


@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(outages, payments)
def test_whatever_nights_are_missed_a_loan_hears_once_of_a_step_in_a_cycle_and_once_a_night(missed, paid):
    with transaction.atomic():
        define()
        loans = [make_loan(f"L{n}", ["2023-10-01", "2023-11-01", "2023-12-01"]) for n in range(3)]
        for day in range(1, LAST):
            today = october(1) + timedelta(days=day)
            for which, when in paid:
                if when == day:
                    pay(loans[which], today, "250.00")
            if day not in missed:
                before = Notice.objects.count()
                told = night(today).counts["notices"]
                assert Notice.objects.filter(decided_on=today).count() == told == Notice.objects.count() - before
        rows = list(Notice.objects.values_list("loan_id", "cycle", "step_id"))
        assert len(rows) == len(set(rows))
        ladder = {}
        for loan_id, cycle, from_day in Notice.objects.order_by("decided_on").values_list(
            "loan_id", "cycle", "version__from_day"
        ):
            assert ladder.get((loan_id, cycle), 0) < from_day
            ladder[loan_id, cycle] = from_day
        assert OutboxMessage.objects.count() == len(rows)
        transaction.set_rollback(True)


def test_the_database_refuses_a_second_notice_of_a_step_and_of_a_night(loan):
    night(october(4))
    notice = Notice.objects.get()
    other = Step.objects.get(name="second")
    for same in ({"decided_on": october(9)}, {"step": other, "version": other.versions.get()}):
        again = Notice(loan=loan, cycle=notice.cycle, step=notice.step, version=notice.version, decided_on=october(4))
        for name, value in same.items():
            setattr(again, name, value)
        with pytest.raises(IntegrityError, match="casework_notice"), transaction.atomic():
            again.save()


def test_a_payment_that_comes_back_after_a_night_without_arrears_begins_another_delinquency(loan):
    night(october(4))
    pay(loan, october(4), "250.00")
    assert night(october(5)).counts == NOBODY
    take_back(loan, october(5), "250.00")
    night(october(6))
    assert notices() == [("first", BEHIND_SINCE, october(4)), ("first", october(6), october(6))]
