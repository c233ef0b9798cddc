"""Each kind of rule on the rows it looks at: what it finds, what it lets pass, and from which night on."""

from datetime import date, timedelta

import pytest

from compliance import services
from compliance.models import Lien, Severity
from delinquency.services import flag
from fees.models import Fee, LateFeeCap
from loans.models import (
    Borrower,
    Closure,
    IndexValue,
    Instalment,
    Notice,
    Promo,
    RateIndex,
    RateSegment,
    VariableTerms,
)
from payments.models import Attempt, AttemptReturn, Autopay, BankAccount, Waiver
from tests.integration.compliance.findings import check, found
from tests.integration.payments.money import lend

pytestmark = pytest.mark.usefixtures("books")

DAY = date(2024, 5, 1)
ONE_DAY = timedelta(days=1)
LOW, MEDIUM, HIGH, CRITICAL = Severity


def status(matter, since, until=None, *, loan="L1", said_on=None):
    said = {"loan_number": loan, "status": matter, "since": since, "until": until}
    return services.record_status(**said, today=said_on or since)


def close(loan, on):
    Closure.objects.create(loan=loan, closed_on=on, reason="fully paid")


class TestRateCap:
    SINCE = date(2024, 3, 1)

    def test_a_loan_from_before_the_service_may_earn_six_percent(self):
        loan = lend(rate="0.0601")
        lend("L2", rate="0.06")
        status("scra", self.SINCE)
        status("scra", self.SINCE, loan="L2")
        assert check("scra-rate-cap", self.SINCE)["open"] == 0
        assert check("scra-rate-cap", self.SINCE + ONE_DAY)["opened"] == 1
        assert found() == [("loan L1", self.SINCE, HIGH)]
        RateSegment.objects.create(loan=loan, rate="0.06", effective_from=DAY)
        assert check("scra-rate-cap", DAY)["open"] == 1
        assert check("scra-rate-cap", DAY + ONE_DAY)["resolved"] == 1

    def test_a_loan_from_during_the_service_is_not_scras_but_mlas(self):
        lend(rate="0.3601", start=date(2024, 4, 1))
        status("scra", self.SINCE)
        status("mla", self.SINCE)
        assert check("scra-rate-cap", DAY)["open"] == 0
        assert check("mla-rate-cap", DAY)["open"] == 1
        assert found() == [("loan L1", date(2024, 4, 1), HIGH)]

    def test_a_loan_from_before_is_not_mlas(self):
        lend(rate="0.40")
        status("mla", self.SINCE)
        assert check("mla-rate-cap", DAY)["open"] == 0

    def test_a_promotion_under_the_cap_is_enough_while_it_lasts(self):
        loan = lend(rate="0.12")
        status("scra", self.SINCE)
        Promo.objects.create(
            loan=loan, rate="0.05", standard_rate="0.12", starts_on=self.SINCE, ends_on=date(2024, 4, 10)
        )
        assert check("scra-rate-cap", date(2024, 4, 11))["open"] == 0  # Row 04-11 prices the 10th.
        assert check("scra-rate-cap", date(2024, 4, 12))["open"] == 1

    def test_a_status_that_ended_protects_no_more(self):
        lend(rate="0.12")
        status("scra", self.SINCE)
        check("scra-rate-cap", date(2024, 4, 1))
        services.end_status(loan_number="L1", status="scra", until=date(2024, 4, 9), today=date(2024, 4, 9))
        assert check("scra-rate-cap", date(2024, 4, 10))["open"] == 1
        assert check("scra-rate-cap", date(2024, 4, 11))["resolved"] == 1

    def test_a_paid_loan_earns_nothing(self):
        close(lend(rate="0.12"), date(2024, 4, 1))
        status("scra", self.SINCE)
        assert check("scra-rate-cap", DAY)["open"] == 0

    def test_a_status_said_today_is_seen_by_the_next_night(self):
        lend(rate="0.12")
        status("scra", self.SINCE, said_on=DAY)
        assert check("scra-rate-cap", DAY)["open"] == 0
        assert check("scra-rate-cap", DAY + ONE_DAY)["open"] == 1


class TestUnflaggedStatus:
    def test_a_reported_bankruptcy_wants_a_flag(self):
        lend()
        status("bankruptcy", date(2024, 4, 1))
        assert check("unflagged-status", DAY)["opened"] == 1
        assert found() == [("loan L1, bankruptcy", date(2024, 4, 1), HIGH)]
        flag(loan_number="L1", kind="deceased", starts_on=date(2024, 4, 1))
        assert check("unflagged-status", DAY)["open"] == 1
        flag(loan_number="L1", kind="bankruptcy", starts_on=date(2024, 4, 1))
        assert check("unflagged-status", DAY)["resolved"] == 1

    def test_military_service_wants_none(self):
        lend()
        status("scra", date(2024, 4, 1))
        assert check("unflagged-status", DAY)["open"] == 0


class TestRateChangeNotice:
    """Reset on 2024-08-01, first payment at the new level on 2024-09-01: to be noticed by 2024-07-03."""

    LATEST = date(2024, 7, 3)

    @pytest.fixture
    def loan(self):
        loan = lend(term=12)
        index = RateIndex.objects.create(code="SOFR")
        IndexValue.objects.create(index=index, published_on=date(2024, 1, 1), value="0.05")
        VariableTerms.objects.create(
            loan=loan, index=index, margin="0.02", first_reset=date(2024, 8, 1), reset_months=12
        )
        return loan

    def notice(self, loan, on):
        Notice.objects.create(loan=loan, kind="rate change", noticed_on=on, about=date(2024, 8, 1))

    def test_without_a_notice_it_is_found_on_the_day_after_the_last_and_raised_when_payment_is_past(self, loan):
        assert check("rate-change-notice", self.LATEST)["open"] == 0
        assert check("rate-change-notice", self.LATEST + ONE_DAY)["opened"] == 1
        assert found() == [("loan L1", self.LATEST, MEDIUM)]
        assert check("rate-change-notice", date(2024, 9, 1))["raised"] == 0
        assert check("rate-change-notice", date(2024, 9, 2))["raised"] == 1

    def test_a_notice_in_time_is_one(self, loan):
        self.notice(loan, self.LATEST)
        assert check("rate-change-notice", self.LATEST + ONE_DAY)["open"] == 0

    def test_a_late_notice_resolves_it(self, loan):
        check("rate-change-notice", self.LATEST + ONE_DAY)
        self.notice(loan, date(2024, 7, 10))
        assert check("rate-change-notice", date(2024, 7, 10))["open"] == 1
        assert check("rate-change-notice", date(2024, 7, 11))["resolved"] == 1

    def test_the_days_are_the_rules(self, loan):
        services.define_rule(code="rate-change-notice", parameters={"days_before": "90"})
        assert check("rate-change-notice", date(2024, 6, 4))["opened"] == 1
        assert found()[0][1] == date(2024, 6, 3)


class TestDraftsAfterFailures:
    @pytest.fixture
    def autopay(self):
        loan = lend()
        account = BankAccount.objects.create(
            borrower=loan.borrower, holder="B", routing_number="231380104", account_number="1"
        )
        return Autopay.objects.create(loan=loan, account=account, covered=True, authorised_on=date(2024, 1, 1))

    def draft(self, autopay, due, *, number=1, came_back=None, skipped=""):
        attempt = Attempt.objects.create(
            autopay=autopay,
            due_date=due,
            attempt_no=number,
            decided_on=due - ONE_DAY,
            amount="10.00",
            effective_on=due,
            account=autopay.account,
            skipped=skipped,
            submission="" if skipped else "s",
        )
        if came_back:
            AttemptReturn.objects.create(attempt=attempt, code="R01", returned_on=came_back, trace="1", source="t")
        return attempt

    def fail_twice(self, autopay):
        for month in (2, 3):
            self.draft(autopay, date(2024, month, 1), came_back=date(2024, month, 4))

    def test_a_third_draft_after_two_failures_is_found(self, autopay):
        self.fail_twice(autopay)
        self.draft(autopay, date(2024, 4, 1))
        assert check("drafts-after-two-failures", date(2024, 3, 31))["open"] == 0
        assert check("drafts-after-two-failures", date(2024, 4, 1))["open"] == 1
        assert found() == [("draft of L1 due 2024-04-01", date(2024, 3, 31), HIGH)]

    def test_a_new_authorisation_allows_it(self, autopay):
        self.fail_twice(autopay)
        autopay.authorised_on = date(2024, 3, 5)
        autopay.save()
        self.draft(autopay, date(2024, 4, 1))
        assert check("drafts-after-two-failures", DAY)["open"] == 0

    def test_a_draft_that_was_paid_in_between_begins_anew(self, autopay):
        self.draft(autopay, date(2024, 1, 15), came_back=date(2024, 1, 18))
        self.draft(autopay, date(2024, 2, 1))
        self.draft(autopay, date(2024, 3, 1), came_back=date(2024, 3, 4))
        self.draft(autopay, date(2024, 4, 1))
        assert check("drafts-after-two-failures", DAY)["open"] == 0

    def test_what_was_skipped_was_no_draft_and_a_failure_yet_unknown_no_failure(self, autopay):
        self.draft(autopay, date(2024, 2, 1), came_back=date(2024, 2, 4))
        self.draft(autopay, date(2024, 3, 1), came_back=date(2024, 3, 31))
        self.draft(autopay, date(2024, 4, 1))  # Decided on the day the second came back.
        assert check("drafts-after-two-failures", DAY)["open"] == 0

    def test_it_counts_over_all_loans_of_the_consumer(self, autopay):
        self.fail_twice(autopay)
        other = lend("L2")
        other.borrower = autopay.loan.borrower
        other.save()
        second = Autopay.objects.create(
            loan=other, account=autopay.account, covered=True, authorised_on=date(2024, 1, 1)
        )
        self.draft(second, date(2024, 4, 1))
        assert check("drafts-after-two-failures", DAY)["open"] == 1

    def test_a_loan_that_is_not_covered_is_not_looked_at(self, autopay):
        autopay.covered = False
        autopay.save()
        self.fail_twice(autopay)
        self.draft(autopay, date(2024, 4, 1))
        assert check("drafts-after-two-failures", DAY)["open"] == 0


def late_fee(loan, amount, *, on=date(2024, 2, 17)):
    first = Instalment.objects.get(loan=loan, number=1)
    reference = f"late:{loan.number}:1:{on}"
    return Fee.objects.create(
        loan=loan, instalment=first, fee_type="late", assessed_on=on, amount=amount, reference=reference
    )


def waive(fee, on):
    Waiver.objects.create(loan=fee.loan, waived_on=on, fee=fee.reference, fees=fee.amount, reason="asked")


class TestBankruptcyStay:
    def test_a_fee_since_the_petition_is_found_until_it_is_waived(self):
        loan = lend()
        before = late_fee(loan, "5.00", on=date(2024, 2, 1))
        flag(loan_number="L1", kind="bankruptcy", starts_on=date(2024, 2, 17))
        assert check("bankruptcy-stay", DAY)["open"] == 0
        Fee.objects.filter(pk=before.pk).update(reversed_on=date(2024, 2, 20))
        fee = late_fee(loan, "5.00")
        assert check("bankruptcy-stay", date(2024, 5, 2))["opened"] == 1
        assert found() == [("fee late:L1:1:2024-02-17", date(2024, 2, 17), CRITICAL)]
        waive(fee, date(2024, 5, 3))
        assert check("bankruptcy-stay", date(2024, 5, 3))["open"] == 1
        assert check("bankruptcy-stay", date(2024, 5, 4))["resolved"] == 1

    def test_a_draft_since_the_petition_is_found_until_it_comes_back(self):
        loan = lend()
        account = BankAccount.objects.create(
            borrower=loan.borrower, holder="B", routing_number="231380104", account_number="1"
        )
        autopay = Autopay.objects.create(loan=loan, account=account, authorised_on=date(2024, 1, 1))
        attempt = TestDraftsAfterFailures().draft(autopay, date(2024, 4, 1))
        flag(loan_number="L1", kind="bankruptcy", starts_on=date(2024, 3, 1))
        check("bankruptcy-stay", DAY)
        assert found() == [("draft of L1 due 2024-04-01", date(2024, 3, 31), CRITICAL)]
        AttemptReturn.objects.create(attempt=attempt, code="R10", returned_on=DAY, trace="1", source="t")
        assert check("bankruptcy-stay", DAY + ONE_DAY)["resolved"] == 1

    def test_a_death_stays_nothing(self):
        late_fee(lend(), "5.00")
        flag(loan_number="L1", kind="deceased", starts_on=date(2024, 2, 1))
        assert check("bankruptcy-stay", DAY)["open"] == 0


class TestLateFeeCap:
    def test_a_fee_above_the_cap_of_the_state_is_found(self):
        """Of the first instalment of 17.01, at most 10 percent, cut off to 1.70."""
        fine, more = lend(), lend("L2")
        late_fee(fine, "1.70")
        fee = late_fee(more, "1.71")
        assert check("late-fee-cap", DAY)["open"] == 0
        LateFeeCap.objects.create(state="CA", max_rate="0.10", max_amount="9.00")
        assert check("late-fee-cap", DAY + ONE_DAY)["opened"] == 1
        assert found() == [("fee late:L2:1:2024-02-17", date(2024, 2, 17), HIGH)]
        waive(fee, DAY + ONE_DAY)
        assert check("late-fee-cap", DAY + 2 * ONE_DAY)["resolved"] == 1

    def test_another_states_cap_is_not_ours(self):
        late_fee(lend(), "5.00")
        LateFeeCap.objects.create(state="NY", max_amount="1.00")
        assert check("late-fee-cap", DAY)["open"] == 0


class TestStateLicence:
    @pytest.fixture(autouse=True)
    def on(self, books):
        services.define_rule(code="state-licence")
        lend()

    def licence(self, starts_on, expires_on):
        services.record_licence(state="CA", number="60DBO", starts_on=starts_on, expires_on=expires_on)

    def test_loans_in_a_state_without_a_licence_are_one_finding(self):
        lend("L2", start=date(2024, 2, 1))
        assert check("state-licence", DAY)["opened"] == 1
        assert found() == [("state CA", date(2024, 1, 1), HIGH)]

    def test_a_licence_that_ends_is_warned_of_raised_and_renewed(self):
        self.licence(date(2023, 1, 1), date(2024, 6, 30))
        assert check("state-licence", DAY)["open"] == 0
        check("state-licence", DAY + ONE_DAY)
        assert found() == [("state CA", date(2024, 7, 1), MEDIUM)]
        assert check("state-licence", date(2024, 6, 30))["raised"] == 0
        assert check("state-licence", date(2024, 7, 1))["raised"] == 1
        self.licence(date(2024, 7, 1), date(2025, 6, 30))
        assert check("state-licence", date(2024, 7, 2))["resolved"] == 1

    def test_only_states_that_are_asked_for_and_have_loans_owed(self):
        services.define_rule(code="state-licence", parameters={"states": ["NY", "TX"]})
        assert check("state-licence", DAY)["open"] == 0
        Borrower.objects.update(state="TX")
        assert check("state-licence", DAY)["open"] == 1
        close(Borrower.objects.get().loan_set.get(), DAY)
        assert check("state-licence", DAY + ONE_DAY)["resolved"] == 1


def test_a_lien_that_lapsed_while_the_loan_was_owed_is_found_until_the_loan_is_paid():
    loan = lend()
    Lien.objects.create(loan=loan, reference="UCC-1", filed_on=date(2019, 4, 20), lapsed_on=date(2024, 4, 21))
    assert check("lien-lapsed", date(2024, 4, 21))["open"] == 0
    assert check("lien-lapsed", date(2024, 4, 22))["opened"] == 1
    assert found() == [("lien UCC-1", date(2024, 4, 21), HIGH)]
    close(loan, DAY)
    assert check("lien-lapsed", DAY + ONE_DAY)["resolved"] == 1
