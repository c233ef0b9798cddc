"""Due dates: on the anchor's day, or the month's last, without drifting."""

from datetime import date, timedelta

import QuantLib as ql  # noqa: N813 - as its own documentation does.
from hypothesis import given
from hypothesis import strategies as st

from loans.grid import add_months, months_between, next_due

dates = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def test_the_31st_becomes_the_months_last_day_and_the_31st_again():
    dues = [date(2024, 1, 31)]
    while len(dues) < 4:
        dues.append(next_due(dues[0], dues[-1]))
    assert dues == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


def test_29_february_falls_due_on_the_28th_of_other_years():
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2024, 2, 29), 48) == date(2028, 2, 29)


def test_nothing_falls_due_before_the_first_due_date():
    assert next_due(date(2024, 3, 10), date(2023, 12, 31)) == date(2024, 3, 10)
    assert next_due(date(2024, 3, 10), date(2024, 3, 10)) == date(2024, 4, 10)


def test_months_are_counted_whatever_their_days():
    assert months_between(date(2023, 11, 30), date(2024, 2, 1)) == 3


@given(dates, st.integers(0, 5000))
def test_the_next_due_date_is_the_first_of_the_grid_after_a_day(first_due, days):
    after = first_due + timedelta(days=days)
    grid = [add_months(first_due, n) for n in range(days // 28 + 2)]
    assert next_due(first_due, after) == min(due for due in grid if due > after)


@given(dates, st.integers(1, 480))
def test_due_dates_are_those_of_quantlibs_schedules(first_due, months):
    last = add_months(first_due, months)
    schedule = ql.Schedule(
        ql.Date(first_due.day, first_due.month, first_due.year),
        ql.Date(last.day, last.month, last.year),
        ql.Period(ql.Monthly),
        ql.NullCalendar(),
        ql.Unadjusted,
        ql.Unadjusted,
        ql.DateGeneration.Forward,
        False,  # A loan due on the 30th of April is due on the 30th of May.
    )
    dues = [date(due.year(), due.month(), due.dayOfMonth()) for due in schedule]
    assert [add_months(first_due, n) for n in range(months + 1)] == dues
