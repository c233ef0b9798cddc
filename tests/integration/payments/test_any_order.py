"""Whatever is done in whatever order: the books tie, no cent is lost, and only a loan that owes nothing has ended."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.exceptions import BooksError
from fees.models import Fee
from fees.services import assess_late_fees
from loans.models import Transaction
from payments.models import Payment, Waiver
from payments.services import waive_fee, waive_interest
from tests.integration.payments.money import (
    START,
    accrue,
    assert_tied,
    assess_fee,
    closure,
    lend,
    on,
    owed,
    pay,
    split,
    take_back,
)

pytestmark = pytest.mark.usefixtures("books")

D = Decimal

steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 25)),
        st.tuples(st.just("accrue")),
        st.tuples(st.just("pay"), st.integers(1, 9000), st.integers(0, 30)),
        st.tuples(st.just("take back"), st.integers(0, 5), st.integers(0, 30)),
        st.tuples(st.just("fee"), st.integers(1, 900)),
        st.tuples(st.just("waive fee"), st.integers(0, 3)),
        st.tuples(st.just("waive interest"), st.integers(1, 50)),
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(steps=steps, waterfall=st.sampled_from(["instalments first", "interest first", "fees first"]))
@example(steps=[("wait", 20), ("waive interest", 36), ("pay", 2158, 30)], waterfall="fees first")
def test_the_books_tie_after_every_step(steps, waterfall):
    with transaction.atomic():
        loan = lend(waterfall=waterfall)
        today, fees = START, 0
        for n, (what, *values) in enumerate(steps):
            if what == "wait":
                today += timedelta(days=values[0])
                accrue(today)
            fees += what == "fee"
            do(loan, what, values, today, n)
            assert_tied()
            assert_sane(loan, today)
        transaction.set_rollback(True)


def do(loan, what, values, today, n):
    """Do one step; a refusal leaves all as it was."""
    before = owed(loan, today)
    try:
        with transaction.atomic():
            _steps(loan, today, n)[what](*values)
    except BooksError:
        assert owed(loan, today) == before


def _steps(loan, today, n):
    return {
        "wait": lambda _days: None,
        "accrue": lambda: accrue(today),
        "pay": lambda cents, ago: pay(
            D(cents).scaleb(-2), max(START, today - timedelta(days=ago)), posted=today, reference=str(n)
        ),
        "take back": lambda which, ago: _take_back(which, ago, today),
        "fee": lambda cents: closure(loan) or assess_fee(loan, D(cents).scaleb(-2), today, reference=f"F{n}"),
        "waive fee": lambda which: waive_fee(fee=_fees(which), reason="goodwill", booking=on(today)),
        "waive interest": lambda cents: waive_interest(
            loan_number=loan.number, amount=D(cents).scaleb(-2), reason="goodwill", booking=on(today)
        ),
    }


def _take_back(which, ago, today):
    payments = list(Payment.objects.filter(taken_back=None).order_by("id"))
    if payments:
        payment = payments[which % len(payments)]
        take_back(payment, max(payment.effective_date, today - timedelta(days=ago)), posted=today)


def _fees(which):
    references = list(Transaction.objects.filter(kind="fee").order_by("id").values_list("reference", flat=True))
    return references[which % len(references)] if references else "none"


def assert_sane(loan, today):
    principal, interest, fees = map(D, owed(loan, today))
    assert principal >= 0
    assert fees >= 0
    if closure(loan):
        assert (principal, fees) == (0, 0)
    for payment in Payment.objects.annotate(day=F("effective_date")):
        assert sum(map(D, split(payment))) == payment.amount
    if interest < 0:
        # A payment may owe the interest of its day before that day's night has written it; and of interest that was
        # waived, a payment with an earlier date can leave less than that.
        waived = sum(Waiver.objects.values_list("interest", flat=True))
        assert -interest <= D("0.05") + waived


def test_a_late_fee_is_reversed_and_what_had_paid_it_is_spent_anew():
    loan = lend(waterfall="fees first", late_fee_flat=D("5.00"), late_fee_min=D("5.00"))
    accrue(date(2024, 2, 17))
    assess_late_fees(business_date=date(2024, 2, 17))
    assert owed(loan, date(2024, 2, 17))[2] == "5.00"
    later = pay("22.01", date(2024, 2, 20), posted=date(2024, 2, 20))
    assert split(later)[2] == "5.00"
    accrue(date(2024, 2, 25))
    pay("17.01", date(2024, 2, 10), posted=date(2024, 2, 25))
    assert Fee.objects.get().reversed_on == date(2024, 2, 25)
    assert split(later)[2] == "0.00"
    assert owed(loan, date(2024, 2, 25))[2] == "0.00"
    assert_tied()
