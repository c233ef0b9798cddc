"""A notice leaves through the outbox's relay: in the morning, once, and only if there is still a reason to."""

import os
import smtplib
import socket
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from casework import zones
from casework.models import ContactAttempt, Errand, Notice
from casework.services.contact import log_contact, prefer
from casework.services.delivery import facts_of, text_of
from casework.services.promises import make_promise
from common import clock
from delinquency.models import Pause
from delinquency.services import flag, run_engine
from loans.identity import Identity
from loans.models import Borrower, Closure
from schedules import outbox
from schedules.models import OutboxMessage
from tests.integration.casework.dunned import DEFINED, define, make_loan, night, october, step
from tests.integration.delinquency.behind import D, pay
from tests.integration.loans.schema import SCHEMA

MORNING = datetime(2023, 10, 4, 15, tzinfo=UTC)  # 8 o'clock in California.


@pytest.fixture(autouse=True)
def stage(books):
    """The night of the 4th has decided that the borrower of a loan in California hears of the first step."""
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        run_engine(business_date=DEFINED)
        yield
    Path(os.environ["MATINS_CLOCK_FILE"]).unlink(missing_ok=True)


@pytest.fixture
def loan():
    define()
    loan = make_loan()
    night(october(4))
    return loan


def relay_at(moment):
    """Let the relay work at a business time; return how many messages it settled."""
    clock.set_to(moment)
    OutboxMessage.objects.update(retry_at=None)
    return outbox.relay()


def fate():
    """Return what became of the one notice."""
    notice = Notice.objects.get()
    return notice.outcome, notice.reason, notice.settled_on


class TestMail:
    def test_it_leaves_at_eight_in_the_morning_of_the_borrower_and_once(self, loan):
        assert relay_at(MORNING - timedelta(minutes=1)) == 0
        assert (relay_at(MORNING), relay_at(MORNING)) == (1, 0)
        (sent,) = mail.outbox
        assert (sent.to, sent.from_email) == (["l1@mail.example"], "Acme Loans <service@acme.example>")
        assert sent.subject == "Your loan L1"
        assert sent.body == "Dear Ann Example, 250.00 of loan L1 is 3 days late. Reply STOP to opt out."
        notice = Notice.objects.get()
        key = f"dunning.{SCHEMA}.{loan.pk}.20231002.{notice.step_id}"
        assert sent.extra_headers == {"Message-ID": f"<{key}@acme.example>"}
        assert fate() == ("sent", "", october(4))

    def test_it_really_leaves_by_smtp_with_the_key_as_its_message_id(self, loan):
        with Mailbox() as mailbox, override_settings(**mailbox.settings):
            assert relay_at(MORNING) == 1
        ((recipients, content),) = mailbox.received
        message = message_from_bytes(content)
        assert recipients == ["l1@mail.example"]
        assert (message["Subject"], message["From"]) == ("Your loan L1", "Acme Loans <service@acme.example>")
        assert message["Message-ID"] == f"<{OutboxMessage.objects.get().key}@acme.example>"
        assert "250.00 of loan L1 is 3 days late" in message.get_payload()

    def test_a_server_that_refuses_is_asked_again_and_gets_the_same_key_once(self, loan):
        with Mailbox() as mailbox, override_settings(**mailbox.settings):
            mailbox.refuses = True
            assert (relay_at(MORNING), fate()) == (0, ("waiting", "", None))
            error = OutboxMessage.objects.get().error
            assert error.startswith(smtplib.SMTPDataError.__name__)
            mailbox.refuses = False
            assert (relay_at(MORNING), relay_at(MORNING)) == (1, 0)
        assert len(mailbox.received) == 1

    def test_delivered_again_by_a_relay_that_died_it_bears_the_same_message_id(self, loan):
        clock.set_to(MORNING)
        with suppress(RuntimeError), transaction.atomic():
            outbox._deliver(OutboxMessage.objects.get().pk)
            raise RuntimeError("died before the commit")
        assert relay_at(MORNING) == 1
        assert len({sent.extra_headers["Message-ID"] for sent in mail.outbox}) == 1

    def test_a_message_delivered_again_after_its_notice_was_settled_sends_nothing(self, loan):
        relay_at(MORNING)
        OutboxMessage.objects.update(accepted_at=None)
        assert relay_at(MORNING) == 1
        assert len(mail.outbox) == 1

    def test_what_is_past_due_when_it_leaves_is_what_it_says(self, loan):
        pay(loan, october(4), "100.00")
        relay_at(MORNING + timedelta(days=1))
        assert "150.00 of loan L1 is 4 days late" in mail.outbox[0].body

    def test_a_name_of_two_lines_breaks_no_header(self):
        define(step("first", 3, subject="{{ surname }}"))
        loan = make_loan()
        loan.borrower.identity = Identity(surname="Example\r\nBcc: all@mail.example", email="ann@mail.example")
        loan.borrower.save()
        night(october(4))
        relay_at(MORNING)
        assert mail.outbox[0].subject == "Example Bcc: all@mail.example"


class TestLookedAtAgain:
    def test_who_has_paid_since_hears_nothing(self, loan):
        pay(loan, october(4), "250.00")
        assert relay_at(MORNING) == 1
        assert (mail.outbox, fate()) == ([], ("dropped", "nothing is past due any more", october(4)))

    @pytest.mark.parametrize(
        ("deed", "reason"),
        [
            (lambda _: prefer(loan_number="L1", kind="opt-out", channel="email", starts_on=october(4)), "opted out"),
            (lambda _: prefer(loan_number="L1", kind="cease-contact", starts_on=october(4)), "wants no contact"),
            (lambda _: prefer(loan_number="L1", kind="attorney", starts_on=october(4)), "an attorney"),
            (lambda _: flag(loan_number="L1", kind="bankruptcy", starts_on=october(4)), "is bankrupt"),
            (
                lambda loan: Closure.objects.create(loan=loan, closed_on=october(4), reason="charged off"),
                "nothing is past due",
            ),
            (
                lambda loan: Pause.objects.create(loan=loan, starts_on=october(4), reason="flood"),
                "its days past due are paused",
            ),
            (
                lambda _: make_promise(loan_number="L1", amount=D("9"), made_on=october(4), due_on=october(4)),
                "a promise is open",
            ),
        ],
    )
    def test_what_was_said_on_the_morning_itself_counts(self, loan, deed, reason):
        deed(loan)
        assert relay_at(MORNING) == 1
        outcome, told, _ = fate()
        assert (mail.outbox, outcome, reason in told) == ([], "dropped", True)

    def test_an_opt_out_of_another_channel_does_not(self, loan):
        prefer(loan_number="L1", kind="opt-out", channel="sms", starts_on=october(4))
        relay_at(MORNING)
        assert fate() == ("sent", "", october(4))

    def test_at_night_it_waits_for_the_next_morning(self, loan):
        assert relay_at(MORNING + timedelta(hours=13)) == 0  # 9 in the evening.
        message = OutboxMessage.objects.get()
        assert (message.not_before, message.attempts, fate()[0]) == (MORNING + timedelta(days=1), 0, "waiting")
        assert relay_at(MORNING + timedelta(days=1)) == 1
        assert fate() == ("sent", "", october(5))

    def test_a_borrower_who_has_moved_is_left_to_sleep_where_they_live_now(self, loan):
        Borrower.objects.update(state="HI")
        assert relay_at(MORNING) == 0
        assert OutboxMessage.objects.get().not_before == datetime(2023, 10, 4, 18, tzinfo=UTC)

    def test_without_a_known_state_nothing_leaves_and_the_outbox_says_why(self, loan):
        Borrower.objects.update(state="")
        assert relay_at(MORNING) == 0
        assert OutboxMessage.objects.get().error.startswith("NoZoneError: No time zone is known")

    def test_without_an_address_it_is_dropped(self, loan):
        loan.borrower.identity = Identity(surname="Example")
        loan.borrower.save()
        assert relay_at(MORNING) == 1
        assert fate() == ("dropped", "the borrower has no e-mail address", october(4))

    def test_what_could_not_leave_for_a_week_does_not_leave_any_more(self, loan):
        assert relay_at(MORNING + timedelta(days=8)) == 1
        assert fate() == ("dropped", "it could not be sent for 7 days", october(12))

    def test_when_the_mail_server_comes_back_only_the_newest_notice_leaves(self):
        define(step("first", 3, 4), step("second", 5))
        make_loan()
        night(october(4))
        night(october(6))
        assert relay_at(MORNING + timedelta(days=2)) == 2
        outcomes = Notice.objects.order_by("decided_on").values_list("outcome", "reason")
        assert list(outcomes) == [("dropped", "a newer notice takes its place"), ("sent", "")]
        assert len(mail.outbox) == 1


class TestByHand:
    @pytest.mark.parametrize("channel", ["letter", "call"])
    def test_letters_and_calls_are_errands_that_a_logged_contact_closes(self, channel):
        define(step("first", 3, channel=channel))
        make_loan()
        night(october(4))
        relay_at(MORNING)
        errand = Errand.objects.get()
        assert (errand.channel, errand.made_on, errand.done_on, fate()[0]) == (channel, october(4), None, "sent")
        other = "letter" if channel == "call" else "call"
        for one, when in ((other, october(5)), (channel, october(6))):
            log_contact(loan_number="L1", channel=one, made_on=when, today=when, made_by="Bea")
        errand.refresh_from_db()
        assert (errand.done_on, errand.done_by, ContactAttempt.objects.count()) == (october(6), "Bea", 2)

    def test_no_text_of_an_errand_is_kept_and_it_is_rendered_when_it_is_opened(self):
        define(step("first", 3, channel="letter", body="Dear {{ surname }}"))
        make_loan()
        night(october(4))
        relay_at(MORNING)
        notice = Notice.objects.select_related("loan__borrower", "step__strategy", "version").get()
        assert text_of(notice, facts_of(notice)).body == "Dear Example"

    def test_a_vendors_class_takes_a_channel_over(self):
        define(step("first", 3, channel="sms"))
        make_loan()
        prefer(loan_number="L1", kind="consent", channel="sms", starts_on=october(1))
        night(october(4))
        with override_settings(MATINS_CHANNELS={"sms": f"{__name__}.Vendor"}):
            relay_at(MORNING)
        assert Vendor.sent == [(OutboxMessage.objects.get().key, "Ann")]
        assert (Errand.objects.count(), fate()[0]) == (0, "sent")

    def test_a_call_is_not_asked_for_after_a_conversation_of_the_same_morning(self):
        define(step("first", 3, channel="call"))
        make_loan()
        night(october(4))
        log_contact(loan_number="L1", channel="call", made_on=october(4), today=october(4), reached=True)
        relay_at(MORNING)
        assert fate()[:2] == ("dropped", "there was a conversation less than 7 days ago")


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["FL", "CA", "AZ", "HI", "TX"]),
    st.sampled_from([date(2024, 3, 8), date(2024, 11, 1), date(2024, 7, 3)]),
    st.lists(st.integers(0, 3 * 24 * 60), min_size=1, max_size=5),
)
def test_whenever_the_relay_works_no_mail_leaves_outside_the_borrowers_hours(state, day, minutes):
    with transaction.atomic():
        define()
        make_loan("L1", [str(day - timedelta(days=3)), "2025-06-01"], state=state)
        night(day)
        start = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        mail.outbox = []
        for minute in sorted(minutes):
            moment = start + timedelta(minutes=minute)
            before = len(mail.outbox)
            relay_at(moment)
            if len(mail.outbox) > before:
                assert all(8 <= moment.astimezone(zone).hour < 21 for zone in zones.zones_of(state))
        assert len(mail.outbox) <= 1
        transaction.set_rollback(True)


class Vendor:
    """Somebody's text messages."""

    sent = []

    def send(self, key, *, notice, identity, text):
        self.sent.append((key, identity.first_name))


class Mailbox:
    """A mail server."""

    def __init__(self):
        self.received = []
        self.refuses = False
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the library's name
        if self.refuses:
            return "451 try again later"
        self.received.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"

    def __enter__(self):
        self._controller.start()
        return self

    def __exit__(self, *_):
        self._controller.stop()

    @property
    def settings(self):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self._port,
        }
