"""Taking payments back: on their own date, by mirrored lines, with the loan going on where it had ended."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.models import JournalLine
from loans.models import Accrual, Closure, Instalment, Reopening, Transaction
from loans.services.booking import book_one
from loans.services.closing import close
from payments.exceptions import AlreadyReversedError, BadEffectiveDateError, LoanClosedError, UnknownPaymentError
from payments.models import Payment, PaymentReversal
from payments.services import reverse_payment
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
    take_back,
)

pytestmark = pytest.mark.usefixtures("books")

D = Decimal
FEB_1, FEB_5, MAR_1 = date(2024, 2, 1), date(2024, 2, 5), date(2024, 3, 1)


def lines(kind):
    """Return an entry's lines: account, debit, credit."""
    rows = JournalLine.objects.filter(entry__kind=kind).order_by("account")
    return [(row.account_id, str(row.debit), str(row.credit)) for row in rows]


def test_both_original_lines_stay_and_their_mirror_comes():
    loan = lend()
    accrue(FEB_1)
    payment = pay("17.01", FEB_1)
    accrue(FEB_5)
    take_back(payment, FEB_5)
    assert lines("payment") == [("CL", "17.01", "0.00"), ("IR", "0.00", "0.58"), ("LR", "0.00", "16.43")]
    assert lines("payment reversal") == [("CL", "0.00", "17.01"), ("IR", "0.58", "0.00"), ("LR", "16.43", "0.00")]
    assert list(Transaction.objects.filter(reference=payment.reference, reversal=None).values_list("kind")) == [
        ("payment",),
        ("payment reversal",),
    ]
    assert owed(loan, FEB_5) == ("100.00", "0.65", "0.00")
    assert_tied()


def test_interest_is_as_if_the_payment_had_counted_until_then():
    loan = lend()
    accrue(FEB_1)
    payment = pay("17.01", FEB_1)
    accrue(FEB_5)
    take_back(payment, FEB_5)
    accrue(date(2024, 2, 7))
    rows = Accrual.objects.filter(loan=loan, accrual_date__gt=FEB_1).order_by("accrual_date")
    assert [str(row.principal) for row in rows] == ["83.57"] * 4 + ["100.00"] * 2


def test_the_instalment_was_covered_until_then():
    loan = lend()
    accrue(FEB_1)
    payment = pay("17.01", FEB_1)
    accrue(FEB_5)
    take_back(payment, FEB_5)
    first = Instalment.objects.get(loan=loan, number=1)
    assert first.settled_on is None
    assert list(Reopening.objects.values_list("instalment", "settled_on", "reopened_on")) == [(first.pk, FEB_1, FEB_5)]


def test_a_loan_that_it_had_ended_goes_on():
    loan = lend()
    accrue(FEB_1)
    payment = pay("105.00", FEB_1)
    accrue(FEB_5)
    assert Accrual.objects.latest("accrual_date").accrual_date == FEB_1
    take_back(payment, FEB_5)
    assert closure(loan) is None
    assert Closure.objects.get(loan=loan).reopened_on == FEB_5
    assert general_ledger()["LR"] == "100.00"
    assert "OVP" not in general_ledger()
    accrue(date(2024, 2, 7))
    rows = Accrual.objects.filter(loan=loan, accrual_date__gt=FEB_1).order_by("accrual_date")
    assert [str(row.principal) for row in rows] == ["0.00"] * 4 + ["100.00"] * 2
    assert owed(loan, date(2024, 2, 7)) == ("100.00", "0.62", "0.00")
    assert Instalment.objects.filter(loan=loan, settled_on=None).count() == 6
    assert_tied()


def test_a_loan_goes_on_when_an_earlier_payment_is_taken_back():
    loan = lend()
    accrue(FEB_1)
    first = pay("17.01", FEB_1)
    accrue(FEB_5)
    pay("90.00", FEB_5)
    assert closure(loan) == (FEB_5, "fully paid")
    take_back(first, FEB_5)
    assert closure(loan) is None
    assert owed(loan, FEB_5) == ("16.43", "0.58", "0.00")
    assert_tied()


def test_a_fee_that_was_paid_is_owed_again():
    loan = lend(waterfall="fees first")
    accrue(FEB_1)
    assess_fee(loan, "5.00", FEB_1)
    payment = pay("6.00", FEB_1)
    take_back(payment, FEB_5)
    assert owed(loan, FEB_5)[2] == "5.00"
    assert_tied()


def test_what_is_taken_back_after_the_charge_off_is_charged_off_too():
    loan = lend()
    accrue(FEB_1)
    payment = pay("17.01", FEB_1)
    book_one(loan_id=loan.pk, kind="charge-off", effective_date=FEB_1, booking=on(FEB_1), principal=D("-83.57"))
    close(loan_ids=[loan.pk], closed_on=FEB_1, reason=Closure.Reason.CHARGED_OFF, booking=on(FEB_1))
    recovery = pay("30.00", FEB_5)
    take_back(payment, MAR_1)
    assert owed(loan, MAR_1) == ("0.00", "0.00", "0.00")
    assert closure(loan) == (FEB_1, "charged off")
    take_back(recovery, MAR_1)
    balance = general_ledger()
    assert (balance["CO"], balance["COI"]) == ("100.00", "0.58")
    assert {"LR", "IR", "REC"} & set(balance) == set()
    assert_tied()


class TestRefusals:
    def test_an_unknown_payment(self):
        with pytest.raises(UnknownPaymentError, match="There is no payment ghost"):
            reverse_payment(reference="ghost", reason="R01", booking=on(FEB_1))

    def test_the_same_reversal_again_changes_nothing(self):
        lend()
        payment = pay("17.01", FEB_1)
        first = take_back(payment, FEB_5)
        assert take_back(payment, FEB_5) == first
        assert PaymentReversal.objects.count() == 1

    def test_another_reversal_of_the_same_payment(self):
        lend()
        payment = pay("17.01", FEB_1)
        take_back(payment, FEB_5)
        with pytest.raises(AlreadyReversedError, match=r"was taken back on 2024-02-05 already \(R01\)"):
            take_back(payment, FEB_5, reason="R10")

    def test_a_date_before_the_payment_or_ahead(self):
        lend()
        payment = pay("17.01", FEB_1)
        for day, reason in [(date(2024, 1, 31), "counts from 2024-02-01"), (MAR_1, "nothing is posted ahead")]:
            with pytest.raises(BadEffectiveDateError, match=reason):
                take_back(payment, day, posted=FEB_5)
        assert PaymentReversal.objects.count() == 0

    def test_a_reference_is_not_free_again(self):
        lend()
        accrue(FEB_1)
        payment = pay("17.01", FEB_1, reference="A")
        take_back(payment, FEB_5)
        assert pay("17.01", FEB_1, reference="A", posted=FEB_5) == payment
        assert Payment.objects.count() == 1

    def test_a_reversed_payment_may_not_reopen_twice(self):
        loan = lend()
        accrue(FEB_1)
        payment = pay("100.58", FEB_1)
        take_back(payment, FEB_1)
        assert pay("100.58", FEB_1, reference="B").loan_id == loan.pk
        with pytest.raises(LoanClosedError):
            pay("1.00", FEB_1, reference="C")
