"""Days written anew after a change with an earlier date: as if it had been known in time, and nothing is deleted."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.exceptions import PeriodClosedError
from ledger.models import AccountingPeriod, JournalEntry
from loans.exceptions import CannotAccrueError
from loans.models import Accrual, Closure, Forbearance, Loan, Promo, RateSegment
from loans.selectors import last_accrued
from loans.services import reaccrue, reprice, reverse_accruals
from loans.services.booking import Booking
from tests.integration.loans.books import START, accruals, accrue, amounts, make_loan, move, set_rate, turnover
from tests.integration.loans.test_reference import histories

pytestmark = pytest.mark.usefixtures("books")

NIGHT, BOOKING = date(2024, 1, 10), Booking(entry_date=date(2024, 1, 12))


def test_the_rows_after_a_date_are_taken_off_the_books_by_one_entry_and_stay():
    loan = make_loan()
    accrue(NIGHT)
    booking = Booking(entry_date=date(2024, 1, 12), run_id=7, due_at=datetime(2024, 1, 12, 6, tzinfo=UTC))
    assert reverse_accruals(loan_ids=[loan.id], after=date(2024, 1, 6), booking=booking) == 4
    entry = JournalEntry.objects.get(kind="interest-accrual reversal")
    assert (entry.entry_date, entry.run_id, entry.due_at) == (booking.entry_date, 7, booking.due_at)
    assert [(line.account_id, line.debit, line.credit) for line in entry.lines.order_by("account_id")] == [
        ("II", Decimal("0.08"), 0),
        ("IR", 0, Decimal("0.08")),
    ]
    reversed_rows = Accrual.objects.filter(reversal=entry).order_by("accrual_date")
    assert [row.accrual_date.day for row in reversed_rows] == [7, 8, 9, 10]
    assert amounts(loan, START, NIGHT) == [None, 2, 2, 2, 2, 1, None, None, None, None]


def test_where_nothing_is_to_be_reversed_nothing_is_booked():
    loan = make_loan()
    accrue(NIGHT)
    assert reverse_accruals(loan_ids=[loan.id], after=NIGHT, booking=BOOKING) == 0
    assert not JournalEntry.objects.filter(kind="interest-accrual reversal").exists()


def test_only_the_named_loans_are_written_anew():
    one, other = make_loan("one"), make_loan("other")
    accrue(NIGHT)
    reprice(loan_ids=[one.id], after=START, booking=BOOKING)
    assert Accrual.objects.filter(loan=one).exclude(reversal=None).count() == 9
    assert Accrual.objects.filter(loan=one, reversal=None).count() == 9
    assert Accrual.objects.filter(loan=other, reversal=None).count() == Accrual.objects.filter(loan=other).count() == 9


def test_unchanged_loans_get_the_same_rows_again():
    loan = make_loan()
    accrue(NIGHT)
    before = accruals()
    reprice(loan_ids=[loan.id], after=date(2024, 1, 4), booking=BOOKING)
    assert accruals() == before
    again = JournalEntry.objects.filter(kind="interest-accrual").latest("id")
    assert again.entry_date == BOOKING.entry_date
    assert Accrual.objects.filter(entry=again).count() == 6


def test_each_loan_is_written_through_the_day_it_had():
    ahead, behind = make_loan("ahead"), make_loan("behind")
    accrue(date(2024, 1, 5))
    accrue(NIGHT, only=["ahead"])
    reprice(loan_ids=[ahead.id, behind.id], after=START, booking=BOOKING)
    assert last_accrued([ahead.id, behind.id]) == {ahead.id: NIGHT, behind.id: date(2024, 1, 5)}


def test_a_loan_that_closes_with_an_earlier_date_is_written_through_that_date():
    loan = make_loan()
    accrue(NIGHT)
    Closure.objects.create(loan=loan, closed_on=date(2024, 1, 7), reason="fully paid")
    reprice(loan_ids=[loan.id], after=date(2024, 1, 5), booking=BOOKING)
    assert last_accrued([loan.id]) == {loan.id: date(2024, 1, 7)}
    assert accrue(date(2024, 1, 11)).quarantined == []


def test_a_loan_without_rows_has_no_last_day():
    new, never = make_loan("new"), make_loan("never")
    Loan.objects.filter(id=never.id).update(accrues_from=None)
    assert last_accrued([new.id, never.id]) == {}
    assert reaccrue(loan_ids=[new.id, never.id], through=NIGHT, booking=BOOKING) == 9


def test_what_cannot_be_written_anew_is_refused_by_name():
    loan = make_loan()
    accrue(NIGHT)
    RateSegment.objects.all().delete()
    before = accruals()
    with pytest.raises(CannotAccrueError, match="L1 cannot be written anew: no rate is in force on 2024-01-05"):
        rewrite_whole_or_not([loan.id])
    assert accruals() == before


@transaction.atomic
def rewrite_whole_or_not(loan_ids):
    reprice(loan_ids=loan_ids, after=date(2024, 1, 5), booking=BOOKING)


def test_nothing_is_written_anew_into_a_closed_month():
    loan = make_loan()
    accrue(NIGHT)
    AccountingPeriod.objects.create(starts_on=START, status="closed", closed_on=date(2024, 2, 1))
    with pytest.raises(PeriodClosedError):
        reprice(loan_ids=[loan.id], after=START, booking=BOOKING)


@st.composite
def stretches(draw, start, last):
    """Return promotions and forbearances within a history, as (model, values)."""
    days = st.integers(1, (last - start).days - 1).map(lambda n: start + timedelta(days=n))
    drawn = []
    for model, terms in draw(
        st.lists(
            st.sampled_from([(Promo, {"rate": "0.01", "standard_rate": "0.07"}), (Forbearance, {"accrues": False})]),
            max_size=2,
            unique_by=lambda one: one[0],
        )
    ):
        starts_on, ends_on = sorted((draw(days), draw(days)))
        drawn.append((model, {**terms, "starts_on": starts_on, "ends_on": ends_on}))
    return drawn


@st.composite
def late_news(draw):
    terms, rates, principals, last = draw(histories())
    changes = [
        *((since, set_rate, (rate, since)) for since, rate in rates[1:]),
        *((on, move, (moved, on)) for on, moved in principals[1:]),
        *(
            (values["starts_on"], lambda loan, model, kept: model.objects.create(loan=loan, **kept), (model, values))
            for model, values in draw(stretches(terms["start"], last))
        ),
    ]
    late = draw(st.lists(st.booleans(), min_size=len(changes), max_size=len(changes)))
    return (terms, rates[0][1], principals[0][1]), list(zip(changes, late, strict=True)), last


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(late_news())
def test_news_of_the_past_gives_the_books_of_having_known_it_in_time(news):
    (terms, rate, principal), changes, last = news
    books = []
    for known_in_time in (True, False):
        with transaction.atomic():
            loan = make_loan(principal=principal, rate=rate, **terms)
            for (_, change, arguments), late in changes:
                if known_in_time or not late:
                    change(loan, *arguments)
            accrue(last)
            for (since, change, arguments), late in changes:
                if late and not known_in_time:
                    change(loan, *arguments)
                    reprice(loan_ids=[loan.id], after=since, booking=Booking(entry_date=last))
            assert turnover("IR") == sum(row.amount for row in Accrual.objects.filter(reversal=None))
            books.append([row[2:] for row in accruals()])
            transaction.set_rollback(True)
    assert books[0] == books[1]
    assert len(books[0]) == (last - terms["start"]).days
