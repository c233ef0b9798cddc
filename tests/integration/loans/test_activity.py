"""From opening to closing balance: every movement is told once, under its name, by the date of its entry."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.selectors import trial_balance
from loans.models import Transaction
from loans.selectors import Activity, activity
from loans.services.booking import Booking, book_one
from loans.services.correction import reverse_accruals
from tests.integration.loans.books import START, accrue, days, make_loan

pytestmark = pytest.mark.usefixtures("books")

FIRST, LAST = date(2024, 1, 2), date(2024, 1, 20)
Kind = Transaction.Kind


def move(loan, kind, on, **amounts):
    amounts = {name: Decimal(amount) for name, amount in amounts.items()}
    book_one(loan_id=loan.pk, kind=kind, effective_date=on, booking=Booking(entry_date=on), **amounts)


def receivable(through):
    balances = {account.code: account.balance for account in trial_balance(through=through)}
    return sum((balances.get(code, Decimal(0)) for code in ("LR", "IR", "FR")), Decimal(0))


@pytest.fixture
def loan():
    """A loan of 100 dollars at 7 %, with a movement of every kind that changes what is owed."""
    loan = make_loan(principal="100.00")
    Transaction.objects.all().delete()
    move(loan, Kind.BOARDING, START, principal="100.00")
    for day in days(FIRST, LAST):
        accrue(day)
    move(loan, Kind.FEE, date(2024, 1, 10), fees="15.00")
    move(loan, Kind.WAIVER, date(2024, 1, 11), fees="-5.00")
    move(loan, Kind.PAYMENT, date(2024, 1, 12), principal="-20.00", interest="-0.10", fees="-2.00")
    move(loan, Kind.PAYMENT_REVERSAL, date(2024, 1, 15), principal="20.00", interest="0.10", fees="2.00")
    move(loan, Kind.DEFERRED_INTEREST, date(2024, 1, 16), interest="3.00")
    move(loan, Kind.CHARGE_OFF, date(2024, 1, 19), principal="-1.00", fees="-1.00")
    return loan


def test_each_kind_of_movement_is_told_under_its_name(loan):
    told = activity(start=FIRST, end=date(2024, 1, 14))
    assert told == Activity(
        opening=Decimal("100.00"),
        interest=Decimal("0.24"),  # 0.02 a day, 0.01 on the 6th and the 14th (published pattern of 100 at 7 %)
        fees=Decimal("15.00"),
        waivers=Decimal("-5.00"),
        payments=Decimal("-22.10"),
    )


def test_what_closes_one_stretch_opens_the_next_and_is_what_the_general_ledger_says(loan):
    middle = date(2024, 1, 12)
    before, after = activity(start=FIRST, end=middle), activity(start=date(2024, 1, 13), end=LAST)
    assert before.closing == after.opening == receivable(middle)
    assert after.payments == Decimal("22.10")
    assert after.charge_offs == Decimal("-2.00")
    assert after.closing == receivable(LAST)


def test_interest_that_was_reversed_counts_until_its_reversal(loan):
    before = activity(start=FIRST, end=LAST).interest
    reverse_accruals(loan_ids=[loan.pk], after=date(2024, 1, 18), booking=Booking(entry_date=date(2024, 1, 21)))
    assert activity(start=FIRST, end=LAST).interest == before
    assert activity(start=date(2024, 1, 21), end=date(2024, 1, 21)).interest == Decimal("-0.04")
