"""Posting one payment: how it is spent, what is refused, and that the same reference pays once."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.exceptions import PeriodClosedError
from ledger.models import AccountingPeriod, JournalEntry, JournalLine
from loans.exceptions import NoSuchLoanError
from loans.models import Closure, Instalment, RateSegment, Transaction
from loans.services.booking import book_one
from loans.services.closing import close
from payments.exceptions import (
    BadAmountError,
    BadEffectiveDateError,
    CurrencyMismatchError,
    LoanClosedError,
    NotAccruedError,
    ReferenceUsedError,
)
from payments.models import Payment
from tests.integration.payments.money import (
    accrue,
    assert_tied,
    assess_fee,
    closure,
    general_ledger,
    lend,
    on,
    owed,
    pay,
    split,
)

pytestmark = pytest.mark.usefixtures("books")

D = Decimal
FEB_1, FEB_15, MAR_1, MAR_10 = date(2024, 2, 1), date(2024, 2, 15), date(2024, 3, 1), date(2024, 3, 10)


class TestWaterfall:
    """Two instalments of 17.01 due, each with 0.58 of interest, 0.17 accrued since, and a fee of 5."""

    def owing(self, waterfall):
        loan = lend(waterfall=waterfall)
        assess_fee(loan, "5.00", FEB_15)
        accrue(MAR_10)
        return loan

    @pytest.mark.parametrize(
        ("waterfall", "amount", "principal", "interest", "fees"),
        [
            # The oldest instalment's interest, its principal; the next one's interest, its principal.
            ("instalments first", "0.40", "0.00", "0.40", "0.00"),
            ("instalments first", "17.01", "16.43", "0.58", "0.00"),
            ("instalments first", "17.50", "16.43", "1.07", "0.00"),
            ("instalments first", "34.02", "32.86", "1.16", "0.00"),
            # Then the interest and principal of the next one to fall due; then the fee; then what is paid ahead.
            ("instalments first", "34.12", "32.86", "1.26", "0.00"),
            ("instalments first", "51.03", "49.70", "1.33", "0.00"),
            ("instalments first", "53.03", "49.70", "1.33", "2.00"),
            ("instalments first", "66.03", "59.70", "1.33", "5.00"),
            ("interest first", "1.00", "0.00", "1.00", "0.00"),
            ("interest first", "17.01", "15.85", "1.16", "0.00"),
            ("interest first", "34.02", "32.86", "1.16", "0.00"),
            ("interest first", "53.03", "49.70", "1.33", "2.00"),
            ("fees first", "4.00", "0.00", "0.00", "4.00"),
            ("fees first", "22.01", "16.43", "0.58", "5.00"),
            ("fees first", "39.02", "32.86", "1.16", "5.00"),
        ],
    )
    def test_a_payment_is_spent_in_the_products_order(self, waterfall, amount, principal, interest, fees):
        self.owing(waterfall)
        assert split(pay(amount, MAR_10)) == (principal, interest, fees, "0.00", "0.00")
        assert_tied()

    def test_who_pays_the_next_instalment_early_has_paid_it_whatever_fee_is_open(self):
        loan = lend()
        assess_fee(loan, "5.00", date(2024, 1, 10))
        accrue(date(2024, 1, 30))
        pay("17.01", date(2024, 1, 30))
        assert Instalment.objects.get(loan=loan, number=1).settled_on == date(2024, 1, 30)
        assert owed(loan, date(2024, 1, 30))[2] == "5.00"

    @pytest.mark.parametrize("waterfall", ["instalments first", "interest first", "fees first"])
    def test_all_that_is_owed_ends_the_loan_whatever_the_order(self, waterfall):
        loan = self.owing(waterfall)
        assert split(pay("110.00", MAR_10)) == ("100.00", "1.33", "5.00", "3.67", "0.00")
        assert closure(loan) == (MAR_10, "fully paid")
        assert general_ledger()["OVP"] == "-3.67"
        assert_tied()

    @pytest.mark.parametrize("waterfall", ["instalments first", "interest first", "fees first"])
    def test_two_payments_of_a_day_are_spent_as_their_sum_in_either_order(self, waterfall):
        loan = self.owing(waterfall)
        for first, second in [("3.30", "25.00"), ("25.00", "3.30")]:
            from django.db import transaction

            with transaction.atomic():
                pay(first, MAR_10)
                pay(second, MAR_10)
                left = owed(loan, MAR_10)
                transaction.set_rollback(True)
            pay("28.30", MAR_10, reference=f"both {first}")
            assert owed(loan, MAR_10) == left
            Transaction.objects.filter(kind="payment").delete()
            Payment.objects.all().delete()


def test_a_payment_books_cash_against_what_it_pays():
    lend()
    accrue(FEB_1)
    payment = pay("17.01", FEB_1)
    entry = JournalEntry.objects.get(transaction__reference=payment.reference)
    lines = JournalLine.objects.filter(entry=entry).order_by("account").values_list("account", "debit", "credit")
    assert list(lines) == [
        ("CL", D("17.01"), D("0.00")),
        ("IR", D("0.00"), D("0.58")),
        ("LR", D("0.00"), D("16.43")),
    ]
    assert (entry.entry_date, entry.kind) == (FEB_1, "payment")


def test_a_payment_covers_its_instalment_from_its_effective_date():
    loan = lend()
    accrue(FEB_1)
    pay("17.00", FEB_1)
    assert Instalment.objects.get(loan=loan, number=1).settled_on is None
    accrue(date(2024, 2, 3))
    pay("0.01", date(2024, 2, 3))
    assert Instalment.objects.get(loan=loan, number=1).settled_on == date(2024, 2, 3)


def test_what_comes_in_after_a_charge_off_is_recovered():
    loan = lend()
    accrue(FEB_1)
    book_one(
        loan_id=loan.pk,
        kind="charge-off",
        effective_date=FEB_1,
        booking=on(FEB_1),
        principal=D("-100.00"),
        interest=D("-0.58"),
    )
    close(loan_ids=[loan.pk], closed_on=FEB_1, reason=Closure.Reason.CHARGED_OFF, booking=on(FEB_1))
    assert split(pay("30.00", FEB_15)) == ("0.00", "0.00", "0.00", "0.00", "30.00")
    assert split(pay("90.00", MAR_1)) == ("0.00", "0.00", "0.00", "0.00", "90.00")
    assert (general_ledger()["REC"], general_ledger()["CL"]) == ("-120.00", "20.00")
    assert closure(loan) == (FEB_1, "charged off")
    assert_tied()
    with pytest.raises(BadEffectiveDateError, match="charged off on 2024-02-01"):
        pay("1.00", date(2024, 1, 31), posted=MAR_1)


class TestReference:
    def test_the_same_payment_again_changes_nothing(self):
        lend()
        first = pay("17.01", FEB_1, reference="A")
        entries = JournalEntry.objects.count()
        assert pay("17.01", FEB_1, reference="A", posted=FEB_15) == first
        assert (Payment.objects.count(), JournalEntry.objects.count()) == (1, entries)

    def test_it_may_be_asked_for_again_after_the_loan_was_closed_by_it(self):
        lend()
        accrue(FEB_1)
        first = pay("100.58", FEB_1, reference="A")
        assert pay("100.58", FEB_1, reference="A") == first

    @pytest.mark.parametrize("change", [{"amount": "17.02"}, {"day": date(2024, 1, 31)}, {"loan": "L2"}])
    def test_another_payment_may_not_use_it(self, change):
        lend()
        lend("L2")
        pay("17.01", FEB_1, reference="A")
        other = {"amount": "17.01", "day": FEB_1, "loan": "L1"} | change
        with pytest.raises(ReferenceUsedError, match=r"A is the reference of another payment already \(17\.01 for"):
            pay(**other, reference="A", posted=FEB_1)
        assert Payment.objects.count() == 1


class TestRefusals:
    def refused(self, error, match, **options):
        entries, payments = JournalEntry.objects.count(), Payment.objects.count()
        asked = {"amount": "17.01", "day": FEB_1} | options
        with pytest.raises(error, match=match):
            pay(**asked)
        assert (JournalEntry.objects.count(), Payment.objects.count()) == (entries, payments)

    @pytest.mark.parametrize("amount", ["0", "-1.00", "0.005", "NaN", "Infinity"])
    def test_an_amount_that_is_none(self, amount):
        lend()
        self.refused(BadAmountError, "is not an amount to pay", amount=amount)

    def test_another_currency(self):
        lend()
        self.refused(CurrencyMismatchError, "in USD, and the payment is in EUR", currency="EUR")

    def test_an_unknown_loan(self):
        self.refused(NoSuchLoanError, "There is no loan L9", loan="L9")

    def test_the_future(self):
        lend()
        self.refused(BadEffectiveDateError, "nothing is posted ahead", day=FEB_15, posted=FEB_1)

    def test_before_the_loan(self):
        lend()
        self.refused(BadEffectiveDateError, "on our books since 2024-01-01", day=date(2023, 12, 31), posted=FEB_1)

    def test_a_loan_that_is_paid_off(self):
        lend()
        accrue(FEB_1)
        pay("100.58", FEB_1)
        self.refused(LoanClosedError, "Loan L1 was fully paid on 2024-02-01")

    def test_a_business_date_in_a_closed_month(self):
        lend()
        accrue(date(2024, 1, 31))
        month = {"status": "closed", "closed_on": date(2024, 3, 2)}
        AccountingPeriod.objects.update_or_create(starts_on=FEB_1, defaults=month)
        self.refused(
            PeriodClosedError, "The books are closed through the month of 2024-02", day=date(2024, 1, 31), posted=FEB_1
        )

    def test_a_loan_whose_interest_cannot_be_computed(self):
        loan = lend()
        RateSegment.objects.filter(loan=loan).delete()
        self.refused(NotAccruedError, "no rate is in force on 2024-01-01")


def test_a_closed_months_payment_is_booked_in_the_open_one():
    loan = lend()
    accrue(date(2024, 2, 5))
    AccountingPeriod.objects.update_or_create(
        starts_on=date(2024, 1, 1), defaults={"status": "closed", "closed_on": date(2024, 2, 2)}
    )
    booked = JournalEntry.objects.filter(entry_date__lt=FEB_1).count()
    payment = pay("17.01", date(2024, 1, 20), posted=date(2024, 2, 5))
    assert Transaction.objects.get(reference=payment.reference).effective_date == date(2024, 1, 20)
    assert JournalEntry.objects.filter(entry_date__lt=FEB_1).count() == booked
    assert owed(loan, date(2024, 2, 5))[0] == "83.35"
    assert_tied()
