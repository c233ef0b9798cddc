"""What ends a loan: a quote that is exact to the cent, and what is not asked for any more."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.models import JournalEntry
from loans.exceptions import LoanEndedError, NoSuchLoanError
from loans.models import Accrual, RateSegment, Transaction
from payments.exceptions import (
    BadAmountError,
    BadEffectiveDateError,
    NotAccruedError,
    NothingToWaiveError,
    UnknownFeeError,
)
from payments.models import Waiver
from payments.services import payoff_quote, waive_fee, waive_interest
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
FEB_1, FEB_10, FEB_15 = date(2024, 2, 1), date(2024, 2, 10), date(2024, 2, 15)


def quote(day, *, today, loan="L1"):
    """Return the amount quoted."""
    return payoff_quote(loan_number=loan, on=day, today=today).amount


class TestQuote:
    @pytest.mark.parametrize("night", [FEB_1, FEB_10, FEB_15])
    def test_it_is_the_published_one_whichever_nights_have_run(self, night):
        lend()
        accrue(FEB_1)
        pay("17.01", FEB_1)
        accrue(night)
        assert quote(FEB_15, today=night) == D("83.81")

    def test_it_keeps_nothing(self):
        lend()
        accrue(FEB_1)
        rows, entries = Accrual.objects.count(), JournalEntry.objects.count()
        quote(FEB_15, today=FEB_1)
        assert (Accrual.objects.count(), JournalEntry.objects.count()) == (rows, entries)

    def test_it_knows_a_rate_to_come(self):
        loan = lend()
        accrue(FEB_1)
        pay("17.01", FEB_1)
        before = quote(FEB_15, today=FEB_1)
        RateSegment.objects.create(loan=loan, rate="0.70", effective_from=FEB_10)
        assert quote(FEB_15, today=FEB_1) > before

    def test_paying_it_ends_the_loan_to_the_cent(self):
        loan = lend()
        assess_fee(loan, "5.00", FEB_1)
        accrue(FEB_15)
        amount = quote(FEB_15, today=FEB_15)
        assert split(pay(amount, FEB_15))[3] == "0.00"
        assert closure(loan) == (FEB_15, "fully paid")

    def test_a_cent_less_does_not(self):
        loan = lend()
        accrue(FEB_15)
        pay(quote(FEB_15, today=FEB_15) - D("0.01"), FEB_15)
        assert closure(loan) is None

    def test_refusals(self):
        loan = lend()
        with pytest.raises(BadEffectiveDateError, match="it is past, today is 2024-02-15"):
            quote(FEB_10, today=FEB_15)
        with pytest.raises(NoSuchLoanError):
            quote(FEB_10, today=FEB_1, loan="L9")
        accrue(FEB_1)
        pay("100.58", FEB_1)
        with pytest.raises(LoanEndedError):
            quote(FEB_10, today=FEB_1)
        bad = lend("L2")
        RateSegment.objects.filter(loan=bad).delete()
        with pytest.raises(NotAccruedError, match="interest of loan L2 is not known"):
            quote(FEB_10, today=FEB_1, loan="L2")
        assert loan.pk != bad.pk


class TestWaivers:
    def test_a_fee_is_waived_against_income(self):
        loan = lend()
        accrue(FEB_1)
        assess_fee(loan, "5.00", FEB_1, reference="F1")
        waive_fee(fee="F1", reason="goodwill", booking=on(FEB_1))
        assert owed(loan, FEB_1)[2] == "0.00"
        assert (general_ledger()["FI"], general_ledger()["COF"]) == ("-5.00", "5.00")
        assert str(Waiver.objects.get().fees) == "5.00"
        assert_tied()
        with pytest.raises(NothingToWaiveError, match=r"Of fee F1, 0\.00 cannot be waived: 0\.00 is owed"):
            waive_fee(fee="F1", reason="again", booking=on(FEB_1))

    def test_a_part_of_a_fee_and_then_the_rest(self):
        loan = lend()
        assess_fee(loan, "5.00", date(2024, 1, 1), reference="F1")
        assess_fee(loan, "7.00", date(2024, 1, 1), reference="F2")
        waive_fee(fee="F1", amount=D("2.00"), reason="goodwill", booking=on(FEB_1))
        with pytest.raises(NothingToWaiveError, match=r"3\.01 cannot be waived: 3\.00 is owed"):
            waive_fee(fee="F1", amount=D("3.01"), reason="goodwill", booking=on(FEB_1))
        waive_fee(fee="F1", reason="goodwill", booking=on(FEB_1))
        assert owed(loan, FEB_1)[2] == "7.00"

    def test_what_was_paid_of_fees_is_not_waived(self):
        loan = lend(waterfall="fees first")
        accrue(FEB_1)
        assess_fee(loan, "5.00", FEB_1, reference="F1")
        pay("4.00", FEB_1)
        assert waive_fee(fee="F1", reason="goodwill", booking=on(FEB_1)).fees == D("1.00")

    def test_interest_is_waived_and_its_instalment_still_asks_for_its_amount(self):
        loan = lend()
        accrue(FEB_1)
        waive_interest(loan_number="L1", amount=D("0.58"), reason="goodwill", booking=on(FEB_1))
        assert general_ledger()["COI"] == "0.58"
        assert split(pay("17.01", FEB_1)) == ("17.01", "0.00", "0.00", "0.00", "0.00")
        assert_tied()
        assert owed(loan, FEB_1) == ("82.99", "0.00", "0.00")

    def test_the_last_thing_owed_ends_the_loan_when_it_is_waived(self):
        loan, maturity = lend(), date(2024, 7, 1)
        accrue(maturity)
        assess_fee(loan, "5.00", FEB_1, reference="F1")
        pay("103.48", maturity)
        assert owed(loan, maturity) == ("0.00", "0.00", "5.00")
        waive_fee(fee="F1", reason="goodwill", booking=on(date(2024, 7, 2)))
        assert closure(loan) == (date(2024, 7, 2), "fully paid")

    def test_refusals(self):
        lend()
        accrue(FEB_1)
        for amount, error in [("0.59", NothingToWaiveError), ("0", BadAmountError), ("-1.00", BadAmountError)]:
            with pytest.raises(error):
                waive_interest(loan_number="L1", amount=D(amount), reason="no", booking=on(FEB_1))
        with pytest.raises(UnknownFeeError, match="There is no fee ghost"):
            waive_fee(fee="ghost", reason="no", booking=on(FEB_1))
        assert not Transaction.objects.filter(kind="waiver").exists()
