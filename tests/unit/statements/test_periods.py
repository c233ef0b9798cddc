"""Periods by the calendar, and how they follow when a cycle changes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.catalog import CATALOG
from statements.models import Cycle
from statements.periods import ends, is_issued_on, start_of

DAY = timedelta(days=1)
YEARS = [date(2023, 12, 31) + timedelta(days=n) for n in range(1, 800)]
dates = st.dates(date(2020, 1, 1), date(2025, 12, 31))


@pytest.mark.parametrize("cycle", Cycle.values)
def test_statements_are_issued_on_the_days_their_schedule_is_due(cycle):
    schedule = CATALOG[f"{cycle}-statement-generation"]
    assert [day for day in YEARS if is_issued_on(cycle, day)] == [day for day in YEARS if schedule.due_on(day)]


@pytest.mark.parametrize(
    ("cycle", "end", "start"),
    [
        ("monthly", date(2024, 2, 29), date(2024, 2, 1)),
        ("monthly", date(2023, 2, 28), date(2023, 2, 1)),
        ("monthly", date(2023, 12, 31), date(2023, 12, 1)),
        ("biweekly", date(2024, 2, 14), date(2024, 2, 1)),
        ("biweekly", date(2024, 2, 29), date(2024, 2, 15)),
        ("biweekly", date(2024, 4, 30), date(2024, 4, 15)),
        ("quarterly", date(2024, 3, 31), date(2024, 1, 1)),
        ("quarterly", date(2023, 12, 31), date(2023, 10, 1)),
    ],
)
def test_a_period_begins_where_rule_15_says(cycle, end, start):
    assert start_of(cycle, end) == start


def test_a_loan_for_which_nobody_chose_has_monthly_periods():
    assert list(ends([], date(2024, 1, 31), date(2024, 3, 30))) == [date(2024, 1, 31), date(2024, 2, 29)]


def test_a_cycle_decides_about_the_periods_that_end_from_its_first_day_on():
    changes = [(date(2024, 1, 15), "biweekly"), (date(2024, 2, 29), "quarterly"), (date(2024, 7, 1), "monthly")]
    told = [f"{end:%m-%d}" for end in ends(changes, date(2023, 12, 31), date(2024, 7, 31))]
    assert told == ["12-31", "01-31", "02-14", "03-31", "06-30", "07-31"]


@given(
    changes=st.lists(st.tuples(dates, st.sampled_from(Cycle.values)), max_size=6, unique_by=lambda one: one[0]),
    first=dates,
    length=st.integers(0, 500),
    cut=st.integers(0, 500),
)
def test_looking_at_once_or_in_parts_finds_the_same_ends(changes, first, length, cut):
    changes = sorted(changes)
    last, middle = first + length * DAY, first + min(cut, length) * DAY
    parts = [*ends(changes, first, middle), *ends(changes, middle + DAY, last)]
    assert list(ends(changes, first, last)) == parts
    quarters = [first + n * DAY for n in range(length + 1) if is_issued_on("quarterly", first + (n + 1) * DAY)]
    assert set(quarters) <= set(parts)
