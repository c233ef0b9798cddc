"""Scheduled fees: one for every period, whichever night assesses it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from common.outcomes import BadItem
from fees.exceptions import BadFeeError, FeeOverlapsError, NoSuchFeeError
from fees.models import Fee, FeeDefinition
from fees.services import define_fee, end_fee
from ledger.models import AccountingPeriod
from ledger.selectors import trial_balance
from loans.grid import days
from loans.models import Closure, Loan
from tests.integration.delinquency.behind import make_loan, make_product
from tests.integration.fees.charged import fees, movements, scheduled

pytestmark = pytest.mark.usefixtures("books")

TEN = Decimal("10.00")
FIRST = date(2024, 1, 1)


@pytest.fixture
def loan(books):
    """One that began on the first of January."""
    loan = make_loan(dues=["2024-03-01"])
    return began(loan, FIRST)


def began(loan, day):
    Loan.objects.filter(pk=loan.pk).update(originated_on=day, accrues_from=day)
    loan.refresh_from_db()
    return loan


def define(of, code="servicing", amount="10.00", every=1, **terms):
    scope = {} if "loan_number" in terms else {"product_code": of.product.code}
    return define_fee(code=code, amount=Decimal(amount), every_months=every, **{"starts_on": FIRST, **scope, **terms})


def test_a_period_is_assessed_on_its_first_day(loan):
    define(loan)
    assert [scheduled(day).counts["fees"] for day in days(date(2024, 1, 31), date(2024, 2, 2))] == [1, 1, 0]
    assert fees() == [(FIRST, TEN), (date(2024, 2, 1), TEN)]
    assert movements("fee")[1] == (
        date(2024, 2, 1),
        "fee",
        TEN,
        "servicing:L1:2024-02-01",
        date(2024, 2, 1),
    )
    assert {row.code: row.balance for row in trial_balance()}["FI"] == Decimal("-20.00")


def test_three_months_caught_up_have_three_fees(loan):
    define(loan)
    scheduled(date(2024, 3, 15))
    assert fees() == [(FIRST, TEN), (date(2024, 2, 1), TEN), (date(2024, 3, 1), TEN)]


def test_missed_nights_caught_up_equal_nights_in_time(loan):
    def assessed(chosen):
        with transaction.atomic():
            for day in chosen:
                scheduled(day)
            found = fees()
            transaction.set_rollback(True)
        return found

    define(loan)
    define(loan, "annual", "100.00", 12, anchor=date(2023, 2, 10))
    every_night = assessed(days(FIRST, date(2024, 3, 20)))
    # Servicing three times; annual: what is left of the year to February 9th, and the next year.
    assert len(every_night) == 5
    assert assessed([date(2024, 3, 20)]) == assessed([FIRST, date(2024, 2, 29), date(2024, 3, 20)]) == every_night


def test_a_second_time_a_night_writes_nothing(loan):
    define(loan)
    scheduled(date(2024, 3, 15))
    assert scheduled(date(2024, 3, 15)).counts == {"fees": 0}
    assert scheduled(date(2024, 2, 15)).counts == {"fees": 0}


def test_an_anniversary_on_the_31st_is_the_last_of_a_shorter_month(loan):
    began(loan, date(2024, 1, 31))
    define(loan)
    scheduled(date(2024, 4, 30))
    assert [day for day, _ in fees()] == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


def test_a_year_from_a_leap_day(loan):
    began(loan, date(2024, 2, 29))
    define(loan, "annual", every=12)
    for day in (date(2024, 2, 29), date(2025, 2, 27), date(2025, 2, 28), date(2028, 2, 28), date(2028, 2, 29)):
        scheduled(day)
    assert [day for day, _ in fees()] == [date(2024, 2, 29), date(2025, 2, 28), date(2028, 2, 29)]


def test_of_a_first_part_of_a_period_the_days_that_are_left_are_paid(loan):
    began(loan, date(2024, 1, 11))
    define(loan, anchor=FIRST, amount="31.00")
    scheduled(date(2024, 2, 1))
    assert fees() == [(date(2024, 1, 11), Decimal("21.00")), (date(2024, 2, 1), Decimal("31.00"))]


def test_the_part_is_rounded_half_to_even(loan):
    define(loan, anchor=date(2024, 6, 1), amount="0.15", starts_on=date(2024, 6, 16))
    define(loan, "other", anchor=date(2024, 6, 1), amount="0.25", starts_on=date(2024, 6, 28))
    scheduled(date(2024, 6, 30))
    # 0.15 x 15/30 = 0.075; 0.25 x 3/30 = 0.025.
    assert [amount for _, amount in fees()] == [Decimal("0.08"), Decimal("0.02")]


def test_without_proration_the_first_whole_period_is_the_first(loan):
    began(loan, date(2024, 1, 11))
    define(loan, anchor=FIRST, prorates=False)
    scheduled(date(2024, 2, 1))
    assert fees() == [(date(2024, 2, 1), TEN)]


def test_a_definition_is_charged_from_its_start_to_its_end(loan):
    define(loan, starts_on=date(2024, 2, 1))
    end_fee(code="servicing", product_code=loan.product.code, ends_on=date(2024, 3, 1))
    for day in days(FIRST, date(2024, 4, 10)):
        scheduled(day)
    assert [day for day, _ in fees()] == [date(2024, 2, 1), date(2024, 3, 1)]


def test_a_changed_fee_begins_with_the_next_period(loan):
    define(loan)
    define(loan, amount="12.00", starts_on=date(2024, 2, 15))
    for day in days(FIRST, date(2024, 3, 2)):
        scheduled(day)
    assert fees() == [(FIRST, TEN), (date(2024, 2, 1), TEN), (date(2024, 3, 1), Decimal("12.00"))]
    assert FeeDefinition.objects.get(amount=TEN).ends_on == date(2024, 2, 14)


def test_a_loans_own_fee_takes_the_place_of_its_products(loan):
    other = began(make_loan("L2", dues=["2024-02-01"]), FIRST)
    define(loan)
    define(loan, loan_number=loan.number, amount="3.00")
    scheduled(FIRST)
    assert (fees(loan), fees(other)) == ([(FIRST, Decimal("3.00"))], [(FIRST, TEN)])


def test_another_products_loans_pay_nothing(loan):
    began(make_loan("L2", dues=["2024-02-01"], product=make_product("other")), FIRST)
    define(loan)
    assert scheduled(FIRST).counts == {"fees": 1}


@pytest.mark.parametrize(
    ("closed_on", "reason", "count"),
    [
        (date(2024, 1, 31), "fully paid", 0),
        (date(2024, 2, 1), "fully paid", 1),
        (date(2024, 2, 1), "charged off", 0),
    ],
)
def test_a_loan_that_ends_on_the_day(loan, closed_on, reason, count):
    """A payment of that day comes after the night; the night's own charge-off comes before its fees."""
    define(loan, starts_on=date(2024, 2, 1))
    Closure.objects.create(loan=loan, closed_on=closed_on, reason=reason)
    assert scheduled(date(2024, 2, 1)).counts == {"fees": count}


def test_a_loan_pays_nothing_for_what_was_before_its_definition_or_long_ago(loan):
    define(loan)
    scheduled(date(2025, 1, 1))
    assert [day for day, _ in fees()] == [date(2024, 10, 1), date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)]


def test_of_a_closed_month_it_bears_the_first_open_day(loan):
    define(loan)
    AccountingPeriod.objects.create(starts_on=FIRST, status="closed", closed_on=date(2024, 2, 5))
    scheduled(date(2024, 2, 10))
    assert fees() == [(date(2024, 2, 1), TEN)] * 2
    assert scheduled(date(2024, 2, 11)).counts == {"fees": 0}


def test_one_bad_loan_of_a_thousand_leaves_999_done(loan):
    for n in range(999):
        began(make_loan(f"B{n:03}", dues=["2024-02-01"]), FIRST)
    define(loan)
    bad = Loan.objects.get(number="B500")
    for _ in range(2):
        FeeDefinition.objects.create(
            code="servicing", loan=bad, amount=5, every_months=1, starts_on=FIRST, ends_on=date(2030, 1, 1)
        )
    outcome = scheduled(FIRST)
    reason = "two definitions of the fee servicing apply to it at a time: end one"
    assert outcome.counts == {"fees": 999}
    assert outcome.quarantined == [BadItem(model="loans.Loan", key="B500", reason=reason)]
    FeeDefinition.objects.filter(loan=bad).last().delete()
    outcome = scheduled(date(2024, 1, 2), only=["B500"])
    assert (outcome.counts, outcome.quarantined) == ({"fees": 1}, [])
    assert fees(bad) == [(FIRST, Decimal("5.00"))]


def test_without_definitions_a_night_succeeds(loan):
    outcome = scheduled(FIRST)
    assert (outcome.counts, outcome.quarantined) == ({"fees": 0}, [])


def test_the_database_refuses_a_period_twice(loan):
    define(loan)
    scheduled(FIRST)
    again = Fee.objects.get()
    again.pk, again.reference = None, "another"
    with pytest.raises(IntegrityError, match="fees_fee_of_period"), transaction.atomic():
        again.save()


@pytest.mark.parametrize(
    "terms",
    [
        {"code": "late"},
        {"code": ""},
        {"code": "a code too long"},
        {"amount": "0.00"},
        {"amount": "-1.00"},
        {"every": 0},
    ],
)
def test_what_cannot_be_a_fee_is_refused(loan, terms):
    with pytest.raises(BadFeeError, match="give a code"):
        define(loan, **terms)
    assert FeeDefinition.objects.count() == 0


def test_a_fee_is_not_defined_for_days_that_have_it(loan):
    define(loan, starts_on=date(2024, 3, 1))
    with pytest.raises(FeeOverlapsError, match="begin later"), transaction.atomic():
        define(loan, starts_on=date(2024, 2, 1))
    end_fee(code="servicing", product_code=loan.product.code, ends_on=date(2024, 5, 1))
    with pytest.raises(FeeOverlapsError, match="2024-05-01"), transaction.atomic():
        define(loan, starts_on=date(2024, 5, 1))
    define(loan, starts_on=date(2024, 5, 2))


def test_a_fee_that_is_not_charged_cannot_end(loan):
    with pytest.raises(NoSuchFeeError, match="servicing is not charged on 2024-01-01"):
        end_fee(code="servicing", product_code=loan.product.code, ends_on=FIRST)
