"""The delinquency tables of an established servicing platform, and the days counted from a due date, as published."""

from datetime import date
from decimal import Decimal

import pytest

from delinquency.models import Pause
from delinquency.selectors import instalment_buckets
from tests.integration.delinquency.behind import make_loan, make_product, night, nights, standings, state

pytestmark = pytest.mark.usefixtures("books")

OCT = [date(2023, 10, n) for n in range(32) if n]
#: Ranges 1-3, 4-30, 31-60, 61-90, 91-120: their first days, and what the reference calls them.
RANGES = {1: 1, 4: 3, 31: 30, 61: 60, 91: 90}


@pytest.fixture
def loan(books):
    return make_loan(product=make_product(delinquency_grace=3, bucket_bounds=list(RANGES)))


@pytest.mark.parametrize(
    ("day", "past_due_days", "delinquent_days"),
    [(2, 1, 0), (4, 3, 0), (5, 4, 1), (6, 5, 2), (30, 29, 2), (31, 30, 3)],
)
def test_days_of_a_loan_with_grace_and_a_pause(loan, day, past_due_days, delinquent_days):
    Pause.objects.create(loan=loan, starts_on=OCT[5], resumes_on=OCT[29], reason="flood")
    found = state(loan, date(2023, 10, day))
    assert (found[0], found[2]) == (past_due_days, delinquent_days)


def test_the_first_bucket_begins_when_the_grace_is_over(loan):
    Pause.objects.create(loan=loan, starts_on=OCT[5], resumes_on=OCT[29], reason="flood")
    nights(date(2023, 10, 1), date(2023, 11, 2))
    assert standings(loan) == [
        (date(2023, 10, 2), date(2023, 10, 5), date(2023, 10, 1), 0),
        (date(2023, 10, 5), date(2023, 11, 1), date(2023, 10, 1), 1),
        (date(2023, 11, 1), None, date(2023, 10, 1), 4),
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2023, 11, 16), {1: Decimal("250.00"), 3: Decimal("250.00"), 30: Decimal("500.00")}),
        (date(2023, 12, 16), {30: Decimal("500.00"), 60: Decimal("500.00")}),
    ],
)
def test_instalments_by_their_age(books, day, expected):
    dues = ["2023-10-01", "2023-10-16", "2023-10-31", "2023-11-15"]
    loan = make_loan(dues=dues, product=make_product(bucket_bounds=list(RANGES)))
    found = instalment_buckets(day, loan_id=loan.pk)
    assert {RANGES[bucket]: amount for bucket, amount in found.items()} == expected


@pytest.mark.parametrize(
    ("day", "dpd", "bucket"),
    [
        (date(2024, 3, 30), 89, 60),
        (date(2024, 3, 31), 90, 90),
        (date(2024, 4, 29), 119, 90),
        (date(2024, 4, 30), 120, 120),
        (date(2024, 6, 29), 180, 180),
    ],
)
def test_days_past_due_of_an_instalment_never_paid(books, day, dpd, bucket):
    loan = make_loan(dues=["2024-01-01"])
    assert state(loan, day) == (dpd, dpd, dpd, bucket)


def test_a_product_may_begin_its_buckets_a_day_after_the_bureaus(books):
    loan = make_loan(dues=["2024-01-01"], product=make_product("31", bucket_bounds=[31, 61]))
    for day, past_due_days, bucket in [(date(2024, 1, 31), 30, 0), (date(2024, 2, 1), 31, 31)]:
        night(day)
        assert state(loan, day)[0] == past_due_days
        assert standings(loan)[-1][3] == bucket
