"""Nights that were missed: the books end the same, whichever nights ran."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.models import JournalEntry
from loans.daycount import DayCount
from loans.models import Accrual, Closure
from tests.integration.loans.books import START, accruals, accrue, days, make_loan, move, set_rate, turnover

FIRST, LAST = date(2024, 1, 20), date(2024, 3, 20)


@pytest.fixture
def loans(books):
    """A loan of every convention, with changes of rate and principal, and one that ends half-way."""
    for n, day_count in enumerate(DayCount):
        start = START + timedelta(days=5 * n)
        loan = make_loan(
            f"L{n}", principal=f"{1000 + 777 * n}.{n}3", rate=f"0.0{n + 1}77", day_count=day_count, start=start
        )
        set_rate(loan, f"0.1{n}", start + timedelta(days=30))
        move(loan, "-123.45", start + timedelta(days=20))
    Closure.objects.create(loan=loan, closed_on=date(2024, 2, 10), reason="fully paid")


def outcome_of(nights):
    """Run these nights, return the books, and undo them."""
    with transaction.atomic():
        for night in nights:
            assert accrue(night).quarantined == []
        rows, booked = accruals(), (turnover("IR"), turnover("II"))
        transaction.set_rollback(True)
    return rows, booked


def test_any_split_of_the_days_gives_the_same_books(loans):
    every_night = outcome_of(days(FIRST, LAST))
    # Of the last loan, which accrues from January 31, there are ten rows; of the others one for every day.
    assert len(every_night[0]) == sum((LAST - START).days - 5 * n for n in range(6)) + 10

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.sets(st.sampled_from(days(FIRST, LAST - timedelta(days=1)))))
    def compare(nights):
        assert outcome_of([*sorted(nights), LAST]) == every_night

    compare()


def test_running_a_night_again_writes_nothing(loans):
    accrue(LAST)
    before = accruals()
    outcome = accrue(LAST)
    assert (outcome.counts, outcome.quarantined) == ({"loans": 0, "rows": 0}, [])
    assert accruals() == before
    assert JournalEntry.objects.filter(kind="interest-accrual").count() == 1


def test_running_an_earlier_night_again_writes_nothing(loans):
    accrue(LAST)
    assert accrue(FIRST).counts == {"loans": 0, "rows": 0}


def test_one_entry_sums_up_the_run_and_its_rows_point_to_it(loans):
    due_at = datetime(2024, 3, 20, 2, tzinfo=UTC)
    outcome = accrue(LAST, due_at=due_at, run_id=42)
    entry = JournalEntry.objects.get(kind="interest-accrual")
    assert (entry.entry_date, entry.run_id, entry.due_at) == (LAST, 42, due_at)
    rows = Accrual.objects.filter(entry=entry, due_at=due_at)
    assert rows.count() == Accrual.objects.count() == outcome.counts["rows"]
    lines = {(line.account_id, line.debit, line.credit) for line in entry.lines.all()}
    amount, zero = sum(row.amount for row in rows), Decimal("0.00")
    assert lines == {("IR", amount, zero), ("II", zero, amount)}


def test_a_night_reads_nothing_that_is_effective_on_it_or_later(loans):
    accrue(date(2024, 2, 1))
    before = accruals()
    with transaction.atomic():
        loan = make_loan("late", start=date(2024, 2, 1))
        set_rate(loan, "0.99", date(2024, 2, 2))
        move(loan, "5000.00", date(2024, 2, 2))
        accrue(date(2024, 2, 2))
        row = Accrual.objects.get(loan=loan)
        assert (row.rate, row.principal) == (Decimal("0.07"), Decimal("100.00"))
        transaction.set_rollback(True)
    assert accruals() == before


def test_interest_taken_back_is_booked_the_other_way(books):
    make_loan(principal="90.00", rate="-0.06", day_count="ACT/360")
    accrue(date(2024, 1, 3))
    assert (turnover("IR"), turnover("II")) == (Decimal("-0.03"), Decimal("0.03"))


def test_without_loans_a_night_succeeds_and_books_nothing(books):
    outcome = accrue(LAST)
    assert (outcome.counts, outcome.quarantined) == ({"loans": 0, "rows": 0}, [])
    assert JournalEntry.objects.count() == 0
