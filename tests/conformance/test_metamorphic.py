"""What must hold of any portfolio, whatever the right figures are."""

from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from common.checksum import checksum
from common.money import to_cents
from ledger.selectors import trial_balance
from loans.daycount import DayCount, year_fraction
from loans.grid import days
from loans.models import Accrual, Closure, Loan
from loans.selectors import balances
from loans.services import accrue_interest
from loans.services.booking import Booking, book_one
from loans.services.reconciliation import reconcile
from payments.services import post_payment
from tests.conformance.world import due_dates, make_loan, product
from tests.integration.loans.schema import books, tenant

__all__ = ["books", "tenant"]

pytestmark = pytest.mark.usefixtures("books")

START, NIGHTS = date(2024, 1, 15), 40
LAST = START + timedelta(days=NIGHTS)
#: All of it in cents and hundredths of a percent, so that what fails is small enough to be computed by hand.
loans_strategy = st.lists(
    st.fixed_dictionaries(
        {
            "cents": st.integers(100, 50_000_000),
            "basis_points": st.integers(0, 3_000),
            "day_count": st.sampled_from(DayCount),
            "delay": st.integers(0, NIGHTS - 1),
            "repayments": st.lists(st.tuples(st.integers(1, NIGHTS), st.integers(1, 20)), max_size=3),
        }
    ),
    min_size=1,
    max_size=4,
)


def properties(examples=10):
    """Try a property on generated portfolios, each in a transaction that is taken back."""
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # What fails here is small enough to be read.
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def build(portfolio, *, scale=1, years=0):
    """Put a portfolio into the books; the repayments are percents of the principal, on days after the start."""
    for number, one in enumerate(portfolio):
        start = later(START + timedelta(days=one["delay"]), years)
        principal = Decimal(one["cents"] * scale) / 100
        loan = make_loan(
            f"G{number}",
            product=product(one["day_count"], day_count=one["day_count"]),
            principal=principal,
            rate=Decimal(one["basis_points"]) / 10_000,
            accrues_from=start,
        )
        for day, percent in one["repayments"]:
            paid = to_cents(Decimal(one["cents"]) * percent / 10_000) * scale
            when = start + timedelta(days=day)
            book_one(
                loan_id=loan.pk, kind="payment", effective_date=when, principal=-paid, booking=Booking(entry_date=when)
            )


def later(day, years):
    return day.replace(year=day.year + years)


def accrue(nights, **options):
    for night in nights:
        assert accrue_interest(business_date=night, **options).quarantined == []


def rows(*, years=0):
    """Return what every row says of its loan and day, as if it were so many years earlier."""
    found = Accrual.objects.order_by("loan__number", "accrual_date").values_list(
        "loan__number", "accrual_date", "principal", "rate", "cumulative", "amount", "accrued"
    )
    return [(number, later(day, -years), *figures) for number, day, *figures in found]


def accounts():
    return {row.code: row.balance for row in trial_balance()}


@contextmanager
def of(portfolio, **options):
    """Be in the books of a portfolio, in a transaction that is taken back."""
    with transaction.atomic():
        build(portfolio, **options)
        yield
        transaction.set_rollback(True)


EVERY_NIGHT = days(START + timedelta(days=1), LAST)


@properties(examples=5)
@given(loans_strategy)
def test_nights_one_by_one_and_all_caught_up_leave_the_same_rows_and_balances(portfolio):
    with of(portfolio):
        accrue(EVERY_NIGHT)
        one_by_one = rows(), accounts()
    with of(portfolio):
        accrue([LAST])
        assert (rows(), accounts()) == one_by_one


@properties()
@given(loans_strategy, st.integers(1, 4))
def test_any_number_of_shards_leaves_what_one_leaves(portfolio, shards):
    with of(portfolio):
        accrue([LAST])
        whole = rows(), accounts()
    with of(portfolio):
        numbers = list(Loan.objects.values_list("number", flat=True))
        for shard in range(shards):
            accrue([LAST], only=numbers[shard::shards])
        assert (rows(), accounts()) == whole


@properties()
@given(loans_strategy)
def test_a_night_done_twice_is_a_night_done_once(portfolio):
    with of(portfolio):
        accrue([LAST])
        once = checksum()
        accrue([LAST, START + timedelta(days=3)])
        assert checksum() == once


@properties()
@given(loans_strategy)
def test_ten_times_the_principal_earns_ten_times_the_interest_but_for_rounding(portfolio):
    with of(portfolio):
        accrue([LAST])
        plain = rows()
    with of(portfolio, scale=10):
        accrue([LAST])
        for (*key, principal, rate, cumulative, _, _), (*its_key, its_principal, its_rate, its, _, _) in zip(
            plain, rows(), strict=True
        ):
            assert (key, principal * 10, rate) == (its_key, its_principal, its_rate)
            assert abs(its - 10 * cumulative) <= Decimal("0.055")


@properties()
@given(loans_strategy)
def test_twenty_eight_years_later_every_day_earns_the_same(portfolio):
    with of(portfolio):
        accrue([LAST])
        now = rows()
    with of(portfolio, years=28):
        accrue([later(LAST, 28)])
        assert rows(years=28) == now


@properties()
@given(loans_strategy)
def test_the_days_of_a_period_add_up_to_its_interest_exactly(portfolio):
    unpaid = [{**one, "repayments": []} for one in portfolio]
    with of(unpaid):
        accrue([LAST + timedelta(days=65)])
        for number, one in enumerate(unpaid):
            dues = due_dates(START + timedelta(days=one["delay"]))
            for begin, end in pairwise(dues[:3]):
                years = year_fraction(one["day_count"], begin, end, dues[-1])
                interest = Fraction(one["cents"], 100) * Fraction(one["basis_points"], 10_000) * years
                amounts = Accrual.objects.filter(
                    loan__number=f"G{number}", accrual_date__gt=begin, accrual_date__lte=end
                ).values_list("amount", flat=True)
                assert sum(amounts) == to_cents(interest)


@properties(examples=5)
@given(loans_strategy)
def test_the_control_accounts_equal_the_sub_ledger_after_every_night(portfolio):
    with of(portfolio):
        for night in EVERY_NIGHT[:: NIGHTS // 8]:
            accrue([night])
            assert reconcile(business_date=night).counts["breaks"] == 0


@properties()
@given(loans_strategy, st.lists(st.integers(1, 30_000), min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_a_days_payments_does_not_matter_for_what_is_owed(portfolio, cents, random):
    one = {**portfolio[0], "repayments": []}
    shuffled = random.sample(cents, len(cents))
    assert owed_after(one, cents) == owed_after(one, shuffled)


def owed_after(one, cents):
    """Return what a loan owes on the last night, after payments of these amounts that all came in on one day."""
    with of([one]):
        loan = Loan.objects.get()
        day = max(loan.accrues_from, LAST - timedelta(days=20)) + timedelta(days=1)
        accrue([day])
        for number, amount in enumerate(cents):
            if not Closure.objects.exists():
                post_payment(
                    loan_number=loan.number,
                    amount=Decimal(amount) / 100,
                    reference=str(number),
                    booking=Booking(entry_date=day),
                )
        accrue([LAST])
        balance = balances(LAST, [loan.pk])[loan.pk]
        return balance.principal, balance.interest, balance.fees
