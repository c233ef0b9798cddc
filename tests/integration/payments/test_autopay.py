"""Drafts: when they leave, when they count, what comes back, and what is not asked for again."""

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.test import override_settings

from common.outcomes import BadItem
from delinquency.models import Flag
from loans.identity import Identity, sealed
from loans.models import Borrower, Forbearance, RateSegment
from payments.ach.reading import read_file
from payments.ach.simulator import Simulator
from payments.models import Attempt, AttemptReturn, Autopay, BankAccount, Company, Payment, PaymentReversal
from payments.processors.exceptions import ProcessorError
from payments.services import execute_autopay
from schedules import outbox
from schedules.models import OutboxMessage
from tests.integration.payments.money import START, accrue, assert_tied, closure, days, lend, owed, pay

pytestmark = pytest.mark.usefixtures("bank")

D = Decimal
JAN_30, JAN_31, FEB_1, FEB_2, FEB_5 = (
    date(2024, 1, 30),
    date(2024, 1, 31),
    date(2024, 2, 1),
    date(2024, 2, 2),
    date(2024, 2, 5),
)


class Counting(Simulator):
    """A simulated bank that tells what was sent to it."""

    sent = []

    def submit(self, submission):
        self.sent.append(submission.key)
        return super().submit(submission)


@pytest.fixture
def bank(books, tmp_path):
    """A simulated bank with empty files, and a company that collects through it."""
    OutboxMessage.objects.all().delete()
    Company.objects.create(
        company_name="MATINS LENDING", company_id="1234567890", bank_routing="021000021", bank_name="JPMORGAN CHASE"
    )
    ours = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    with override_settings(STORAGES=settings.STORAGES | {"payments": ours}):
        yield


def enrol(loan, account="12345678", **options):
    """Let a loan be drafted from an account, whose number tells the simulated bank what to do."""
    account = BankAccount.objects.create(
        borrower=loan.borrower, holder="ANN LEE", routing_number="021000021", account_number=account
    )
    return Autopay.objects.create(loan=loan, account=account, **{"authorised_on": START, **options})


def night(day, **options):
    """Do the interest and the autopay of one night, and deliver what is to leave."""
    accrue(day)
    outcome = execute_autopay(business_date=day, **options)
    outbox.relay()
    return outcome


def nights(first, last):
    """Do several nights; return the sums of what they counted that is not 0."""
    counts = {}
    for day in days(first, last):
        for name, count in night(day).counts.items():
            counts[name] = counts.get(name, 0) + count
    return {name: count for name, count in counts.items() if count}


def attempts():
    """Return number, dates and amount or reason of every attempt."""
    rows = Attempt.objects.order_by("due_date", "attempt_no")
    return [(row.attempt_no, str(row.due_date), str(row.effective_on), row.skipped or str(row.amount)) for row in rows]


def files():
    """Return the files that left, read."""
    storage = storages["payments"]
    try:
        names = sorted(storage.listdir("books/outbox")[1])
    except FileNotFoundError:
        return []
    return [read_file(_content(storage, f"books/outbox/{name}")) for name in names]


def _content(storage, name):
    with storage.open(name) as file:
        return file.read()


def entries():
    """Return what the files ask for: description and cents."""
    return [
        (batch.header["description"], entry.fields["cents"])
        for file in files()
        for batch in file.batches
        for entry in batch.entries
    ]


class TestDraft:
    def test_it_leaves_on_the_eve_and_counts_on_the_due_date(self):
        loan = lend()
        enrol(loan)
        assert nights(JAN_30, JAN_31) == {"drafted": 1}
        assert Attempt.objects.get().decided_on == JAN_31
        assert attempts() == [(1, "2024-02-01", "2024-02-01", "17.01")]
        assert not Payment.objects.exists()
        assert night(FEB_1).counts["posted"] == 1
        payment = Payment.objects.get()
        assert (payment.effective_date, payment.source, str(payment.amount)) == (FEB_1, "autopay", "17.01")
        assert owed(loan, FEB_1) == ("83.57", "0.00", "0.00")
        assert entries() == [("LOAN PYMT", "0000001701")]
        assert_tied()

    def test_a_due_date_on_a_weekend_settles_on_monday_and_leaves_on_friday(self):
        # June 1, 2024 is a Saturday.
        enrol(lend(), authorised_on=date(2024, 5, 15))
        assert nights(date(2024, 5, 30), date(2024, 6, 2)) == {"drafted": 1}
        assert Attempt.objects.get().decided_on == date(2024, 5, 31)
        assert attempts() == [(1, "2024-06-01", "2024-06-03", "17.01")]
        assert night(date(2024, 6, 3)).counts["posted"] == 1

    def test_a_night_twice_asks_once(self):
        enrol(lend())
        night(JAN_31)
        assert not any(night(JAN_31).counts.values())
        night(FEB_1)
        assert not any(night(FEB_1).counts.values())
        assert (Attempt.objects.count(), Payment.objects.count(), len(entries())) == (1, 1, 1)

    def test_nothing_leaves_within_the_night(self):
        enrol(lend())
        accrue(JAN_31)
        execute_autopay(business_date=JAN_31)
        assert files() == []
        message = OutboxMessage.objects.get()
        assert (message.kind, message.key) == ("ach-debits", "autopay-2024-01-31-0")
        assert "12345678" not in str(message.payload)

    def test_only_instalments_due_after_the_authorisation_are_drafted(self):
        enrol(lend(), authorised_on=FEB_1)
        assert nights(JAN_31, FEB_2) == {}

    def test_an_ended_agreement_asks_for_nothing(self):
        enrol(lend(), ends_on=JAN_31)
        assert nights(JAN_31, FEB_1) == {}

    @pytest.mark.parametrize("wish", ["TIMEOUTKEPT1", "TIMEOUTLOST1"])
    def test_an_unknown_outcome_is_asked_about_before_it_is_sent_again(self, wish):
        enrol(lend(), wish)
        night(JAN_31)
        message = OutboxMessage.objects.get()
        assert (message.accepted_at, "UnknownOutcomeError" in message.error) == (None, True)
        OutboxMessage.objects.update(retry_at=None)
        outbox.relay()
        assert OutboxMessage.objects.get().accepted_at is not None
        assert len(entries()) == 1

    @override_settings(MATINS_PAYMENT_PROCESSOR=f"{__name__}.Counting")
    def test_what_arrived_is_not_sent_again(self):
        enrol(lend(), "TIMEOUTKEPT1")
        Counting.sent = []
        night(JAN_31)
        OutboxMessage.objects.update(retry_at=None)
        outbox.relay()
        assert Counting.sent == ["autopay-2024-01-31-0"]

    def test_a_tenant_without_a_company_collects_nothing(self):
        Company.objects.all().delete()
        enrol(lend())
        assert nights(JAN_31, FEB_1) == {}

    def test_drafts_whose_company_is_gone_wait_visibly_and_leave_once_it_is_back(self):
        enrol(lend())
        company = Company.objects.get()
        accrue(JAN_31)
        execute_autopay(business_date=JAN_31)
        Company.objects.all().delete()
        outbox.relay()
        [message] = OutboxMessage.objects.all()
        assert (message.accepted_at, message.attempts, files()) == (None, 1, [])
        assert message.error.startswith("NobodyCollectsError: The drafts autopay-2024-01-31-0 of books cannot leave")
        company.save()
        OutboxMessage.objects.update(retry_at=None)
        outbox.relay()
        assert OutboxMessage.objects.filter(accepted_at=None).count() == 0
        assert len(files()) == 1

    @override_settings(MATINS_PAYMENT_PROCESSOR="")
    def test_a_processor_that_cannot_be_polled_stops_the_night_visibly(self):
        enrol(lend())
        with pytest.raises(ProcessorError, match="No payment processor is configured"):
            execute_autopay(business_date=JAN_31)


class TestGates:
    def skipped(self):
        """Return why the February draft was skipped."""
        assert nights(JAN_31, FEB_1) == {"skipped": 1}
        return Attempt.objects.get().skipped

    def test_paid_by_hand_before(self):
        enrol(lend())
        accrue(JAN_30)
        pay("17.01", JAN_30)
        assert self.skipped() == "nothing is missing of what is due: it was paid otherwise"

    def test_paid_in_part_by_hand_before(self):
        enrol(lend())
        accrue(JAN_30)
        pay("10.00", JAN_30)
        nights(JAN_31, FEB_1)
        assert str(Payment.objects.get(source="autopay").amount) == "7.01"

    def test_paid_by_hand_on_the_day_itself_is_not_seen_by_its_night(self):
        enrol(lend())
        accrue(JAN_31)
        pay("17.01", JAN_31)
        night(JAN_31)
        assert attempts() == [(1, "2024-02-01", "2024-02-01", "17.01")]

    def test_the_loan_has_ended(self):
        enrol(lend())
        accrue(JAN_30)
        pay("150.00", JAN_30)
        assert self.skipped() == "the loan has ended"

    def test_forbearance(self):
        loan = lend()
        enrol(loan)
        Forbearance.objects.create(loan=loan, starts_on=date(2024, 1, 15), ends_on=FEB_1)
        assert self.skipped() == "the loan is in forbearance"

    def test_forbearance_that_is_over(self):
        loan = lend()
        enrol(loan)
        Forbearance.objects.create(loan=loan, starts_on=date(2024, 1, 15), ends_on=JAN_31)
        assert nights(JAN_31, FEB_1) == {"drafted": 1, "posted": 1}

    @pytest.mark.parametrize(("ends_on", "counts"), [(None, {"skipped": 1}), (JAN_31, {"drafted": 1, "posted": 1})])
    def test_bankruptcy(self, ends_on, counts):
        loan = lend()
        enrol(loan)
        Flag.objects.create(loan=loan, kind="bankruptcy", starts_on=JAN_30, ends_on=ends_on)
        assert nights(JAN_31, FEB_1) == counts
        assert Attempt.objects.get().skipped == ("" if ends_on else "the loan is flagged (bankruptcy)")

    def test_an_earlier_instalment_is_past_due(self):
        enrol(lend(), authorised_on=FEB_5, only_if_current=True)
        nights(date(2024, 2, 29), date(2024, 3, 1))
        assert attempts()[0][3] == "an earlier instalment is past due"

    def test_all_that_is_due_is_drafted_where_that_is_agreed(self):
        enrol(lend(), authorised_on=FEB_5, amount_type="all due")
        nights(date(2024, 2, 29), date(2024, 3, 1))
        assert attempts() == [(1, "2024-03-01", "2024-03-01", "34.02")]

    def test_a_fixed_amount_is_capped_at_the_payoff(self):
        loan = lend()
        enrol(loan, amount_type="fixed", fixed_amount="200.00")
        assert nights(JAN_31, FEB_1) == {"drafted": 1, "posted": 1}
        assert attempts()[0][3] == "100.58"
        assert closure(loan) == (FEB_1, "fully paid")

    def test_the_last_draft_is_what_is_owed_on_its_day(self):
        loan = lend()
        enrol(loan, authorised_on=date(2024, 6, 15))
        for month in range(2, 6):
            accrue(date(2024, month, 1))
            pay("17.01", date(2024, month, 1))
        accrue(date(2024, 6, 10))
        pay("17.01", date(2024, 6, 10))
        nights(date(2024, 6, 28), date(2024, 7, 1))
        assert closure(loan) == (date(2024, 7, 1), "fully paid")
        assert str(Payment.objects.get(source="autopay").amount) > "17.00"
        assert_tied()

    def test_bad_bank_data_is_left_out_until_it_is_corrected(self):
        good, bad = lend("good"), lend("bad")
        enrol(good)
        autopay = enrol(bad)
        BankAccount.objects.filter(pk=autopay.account_id).update(routing_number="021000022")
        outcome = night(JAN_31)
        assert outcome.counts["drafted"] == 1
        [item] = outcome.quarantined
        assert (item.model, item.key) == ("loans.Loan", "bad")
        assert "check digit of the routing number 021000022 is wrong" in item.reason
        BankAccount.objects.filter(pk=autopay.account_id).update(routing_number="021000021")
        night(FEB_1)
        assert (1, "2024-02-01", "2024-02-02", "17.01") in attempts()

    def test_an_account_number_whose_seal_is_broken_is_left_out(self):
        enrol(lend("good"))
        autopay = enrol(lend("bad"))
        identity = sealed(Identity(surname="Lee"))
        BankAccount.objects.filter(pk=autopay.account_id).update(sealed_account_number=identity)
        [item] = night(JAN_31).quarantined
        assert item.key == "bad"
        assert item.reason.startswith("A value of payments_bankaccount.account_number was changed, or copied")

    def test_account_numbers_are_kept_sealed_and_leave_as_they_are(self):
        enrol(lend())
        night(JAN_31)
        with connection.cursor() as cursor:
            cursor.execute("SELECT account_number FROM payments_bankaccount")
            [(kept,)] = cursor.fetchall()
        assert b"12345678" not in bytes(kept)
        assert str(BankAccount.objects.get()) == "…5678"
        [[entry]] = [[entry for batch in file.batches for entry in batch.entries] for file in files()]
        assert entry.fields["account_number"] == "12345678"

    def test_a_draft_on_a_loan_whose_interest_is_unknown_is_posted_later(self):
        loan = lend()
        enrol(loan)
        night(JAN_31)
        RateSegment.objects.filter(loan=loan).delete()
        outcome = execute_autopay(business_date=FEB_1)
        reason = "no rate is in force on 2024-01-31: add the rate segment"
        assert outcome.quarantined == [BadItem(model="loans.Loan", key="L1", reason=reason)]
        RateSegment.objects.create(loan=loan, rate="0.07", effective_from=START)
        night(FEB_2)
        assert Payment.objects.get().effective_date == FEB_1
        assert owed(loan, FEB_1) == ("83.57", "0.00", "0.00")


class TestReturns:
    def test_it_is_reversed_on_the_banks_date(self):
        loan = lend()
        enrol(loan, "R02")
        assert nights(JAN_31, FEB_5) == {"drafted": 1, "posted": 1, "returned": 1}
        came_back = AttemptReturn.objects.get()
        assert (came_back.code, came_back.returned_on) == ("R02", FEB_5)
        reversal = PaymentReversal.objects.get()
        assert (reversal.effective_date, reversal.reason) == (FEB_5, "R02 account closed")
        assert owed(loan, FEB_5)[0] == "100.00"
        assert_tied()

    def test_a_return_that_is_read_late_counts_from_its_date(self):
        late, timely = lend("late"), lend("timely")
        enrol(late, "R02")
        nights(JAN_31, FEB_1)
        for day in days(FEB_2, date(2024, 2, 8)):
            accrue(day)
        night(date(2024, 2, 9))
        assert PaymentReversal.objects.get().effective_date == FEB_5
        accrue(date(2024, 2, 10))
        first = pay("17.01", FEB_1, loan="timely", posted=date(2024, 2, 10))
        from tests.integration.payments.money import take_back

        take_back(first, FEB_5, posted=date(2024, 2, 10))
        assert owed(late, date(2024, 2, 10)) == owed(timely, date(2024, 2, 10))
        assert_tied()

    def test_insufficient_funds_are_retried_twice_in_a_batch_of_their_own(self):
        enrol(lend(), "R01")
        # Returned on the 5th, 12th and 20th; each retry settles three banking days after a return.
        nights(JAN_31, date(2024, 2, 27))
        assert attempts() == [
            (1, "2024-02-01", "2024-02-01", "17.01"),
            (2, "2024-02-01", "2024-02-08", "17.01"),
            (3, "2024-02-01", "2024-02-15", "17.01"),
        ]
        assert entries() == [("LOAN PYMT", "0000001701"), ("RETRY PYMT", "0000001701"), ("RETRY PYMT", "0000001701")]
        assert PaymentReversal.objects.count() == 3

    def test_a_retry_that_is_paid_is_the_last(self):
        loan = lend()
        enrol(loan, "R01ONCE")
        nights(JAN_31, date(2024, 2, 20))
        assert len(attempts()) == 2
        assert owed(loan, date(2024, 2, 8))[0] != "100.00"

    def test_no_retry_once_it_was_paid_by_hand(self):
        enrol(lend(), "R01")
        nights(JAN_31, FEB_5)
        pay("17.01", FEB_5)
        nights(date(2024, 2, 6), date(2024, 2, 8))
        assert attempts()[1][3] == "nothing is missing of what is due: it was paid otherwise"

    def test_no_retry_of_a_part(self):
        enrol(lend(), "R01")
        nights(JAN_31, FEB_5)
        pay("7.00", FEB_5)
        nights(date(2024, 2, 6), date(2024, 2, 8))
        assert attempts()[1][3] == "a part was paid since, and a retry must ask for the same amount"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("R02", "R02 (account closed): the bank account must be corrected first"),
            ("R08", "R08 (payment stopped): the borrower must authorise anew"),
            ("R16", "R16 (account frozen): the borrower must authorise anew"),
        ],
    )
    def test_other_codes_stop_the_next_draft_until_it_is_mended(self, code, reason):
        loan = lend()
        autopay = enrol(loan, code)
        nights(JAN_31, FEB_5)
        nights(date(2024, 2, 29), date(2024, 3, 1))
        assert attempts()[1:] == [(1, "2024-03-01", "2024-03-01", reason)]
        autopay.account = BankAccount.objects.create(
            borrower=loan.borrower, holder="ANN LEE", routing_number="021000021", account_number="777"
        )
        autopay.authorised_on = date(2024, 3, 10)
        autopay.save()
        nights(date(2024, 3, 29), date(2024, 4, 1))
        assert attempts()[2:] == [(1, "2024-04-01", "2024-04-01", "17.01")]

    def test_two_failures_in_a_row_stop_a_covered_loan_and_all_of_its_consumer(self):
        first, second = lend("first"), lend("second", start=date(2024, 1, 8))
        second.borrower = Borrower.objects.get(reference="first")
        second.save()
        other = lend("other", start=date(2024, 1, 8))
        enrol(first, "R01", covered=True)
        enrol(second, "R09", covered=True)
        enrol(other, "R01", covered=True)
        nights(JAN_31, date(2024, 2, 13))
        stop = "two drafts in a row failed: the borrower must authorise anew (12 CFR 1041.8(b))"
        rows = [
            (row.autopay.loan.number, row.attempt_no, row.skipped or str(row.effective_on))
            for row in Attempt.objects.select_related("autopay__loan").order_by("autopay", "attempt_no")
        ]
        # The first failure was known on the 5th; the second, and with it the stop, on the 12th.
        assert rows == [
            ("first", 1, "2024-02-01"),
            ("first", 2, "2024-02-08"),
            ("second", 1, "2024-02-08"),
            ("other", 1, "2024-02-08"),
        ]
        nights(date(2024, 2, 14), date(2024, 3, 1))
        assert {row.skipped for row in Attempt.objects.filter(autopay__loan__number="second", attempt_no=2)} == {stop}
        assert Attempt.objects.get(autopay__loan__number="other", attempt_no=2).skipped == ""
        assert Attempt.objects.get(autopay__loan=first, due_date=date(2024, 3, 1)).skipped == stop

    def test_a_covered_loan_is_retried_once(self):
        autopay = enrol(lend(), "R01", covered=True)
        nights(JAN_31, date(2024, 2, 20))
        stop = "two drafts in a row failed: the borrower must authorise anew (12 CFR 1041.8(b))"
        assert [row[3] for row in attempts()] == ["17.01", "17.01", stop]
        autopay.authorised_on = date(2024, 2, 20)
        autopay.save()
        nights(date(2024, 2, 29), date(2024, 3, 1))
        assert attempts()[3] == (1, "2024-03-01", "2024-03-01", "17.01")

    def test_a_draft_that_may_still_come_back_is_no_success_yet(self):
        first, second, third = (
            lend("first"),
            lend("second", start=date(2024, 1, 9)),
            lend("third", start=date(2024, 1, 13)),
        )
        for loan in (second, third):
            loan.borrower = first.borrower
            loan.save()
        for loan in (first, second, third):
            enrol(loan, "R01", covered=True, authorised_on=date(2024, 1, 20))
        nights(JAN_31, date(2024, 2, 12))
        # The first loan's second failure is known on the 12th; the second loan's draft comes back on the 13th.
        assert Payment.objects.filter(loan=second, taken_back=None).exists()
        assert Attempt.objects.get(autopay__loan=third).skipped.startswith("two drafts in a row failed")

    def test_a_success_between_two_failures_lets_a_covered_loan_go_on(self):
        enrol(lend(), "R01ONCE", covered=True)
        nights(JAN_31, date(2024, 3, 12))
        assert [row[0] for row in attempts()] == [1, 2, 1, 2]
        assert all(row[3] == "17.01" for row in attempts())

    def test_no_retry_after_180_days(self):
        enrol(lend(start=date(2023, 12, 5)), "R01", authorised_on=date(2023, 12, 6))
        nights(date(2024, 1, 4), date(2024, 1, 9))
        assert AttemptReturn.objects.count() == 1
        AttemptReturn.objects.update(returned_on=date(2024, 6, 27))
        # July 3 is the last day on which it may settle; three banking days after the return is July 2.
        night(date(2024, 7, 3))
        assert [row[0] for row in attempts() if row[1] == "2024-01-05"] == [1]

    def test_a_submission_that_is_rejected_is_told_and_not_posted(self):
        loan = lend()
        enrol(loan, "REJECT1")
        night(JAN_31)
        outcome = night(FEB_1)
        assert (outcome.counts["rejected"], outcome.counts["posted"]) == (1, 0)
        reason = "draft rejected: an account number begins with REJECT: collect it otherwise"
        assert outcome.quarantined == [BadItem(model="loans.Loan", key="L1", reason=reason)]
        assert owed(loan, FEB_1)[0] == "100.00"

    def test_a_return_that_nobody_knows_is_reported(self):
        enrol(lend(), "R01")
        night(JAN_31)
        Attempt.objects.update(amount="17.02")
        outcome = [item for day in days(FEB_1, FEB_5) for item in night(day).quarantined]
        assert [(item.model, item.reason) for item in outcome] == [
            ("payments.AttemptReturn", "no draft of 17.01 has this trace number: ask the bank")
        ]


def test_six_drafts_repay_the_loan_to_the_cent():
    # The one of Saturday, June 1, settles on Monday: two more days of interest are in the last.
    loan = lend()
    enrol(loan)
    assert nights(JAN_30, date(2024, 7, 5)) == {"drafted": 6, "posted": 6}
    assert closure(loan) == (date(2024, 7, 1), "fully paid")
    assert [str(payment.amount) for payment in Payment.objects.order_by("id")] == ["17.01"] * 6
    assert_tied()


def test_six_drafts_that_are_paid_at_their_retry_leave_the_interest_of_the_delay():
    loan = lend()
    enrol(loan, "R01ONCE")
    assert nights(JAN_30, date(2024, 7, 25)) == {"drafted": 12, "posted": 12, "returned": 6}
    assert closure(loan) is None
    assert D("0.00") < sum(map(D, owed(loan, date(2024, 7, 25)))) < D("0.50")
    assert_tied()
