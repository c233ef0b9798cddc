"""Banking days against QuantLib's calendar of the Federal Reserve, every day of 71 years."""

from datetime import date, timedelta

import pytest
import QuantLib as ql  # noqa: N813 - as its own documentation does.
from hypothesis import given
from hypothesis import strategies as st

from payments.calendar import (
    add_banking_days,
    banking_day_before,
    dues_originated_on,
    is_banking_day,
    roll_forward,
)

FEDERAL_RESERVE = ql.UnitedStates(ql.UnitedStates.FederalReserve)
FIRST, LAST = date(1990, 1, 1), date(2060, 12, 31)
days = st.dates(FIRST, LAST)


def to_ql(day):
    return ql.Date(day.day, day.month, day.year)


def from_ql(day):
    return date(day.year(), day.month(), day.dayOfMonth())


def every_day():
    return (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))


def test_every_day_from_1990_to_2060_is_a_banking_day_as_quantlib_says():
    assert [day for day in every_day() if is_banking_day(day) != FEDERAL_RESERVE.isBusinessDay(to_ql(day))] == []


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2021, 12, 31), True),  # New Year's Day 2022 is a Saturday: nothing closes for it.
        (date(2023, 1, 2), False),  # New Year's Day 2023 is a Sunday.
        (date(2021, 6, 18), True),  # Juneteenth 2021 is a Saturday.
        (date(2023, 6, 19), False),
        (date(2020, 6, 19), True),  # No holiday before 2021.
        (date(2024, 7, 4), False),
    ],
)
def test_holidays_at_the_weekend(day, open_):
    assert is_banking_day(day) is open_


@given(days)
def test_a_day_is_rolled_forward_as_quantlib_does(day):
    assert roll_forward(day) == from_ql(FEDERAL_RESERVE.adjust(to_ql(day), ql.Following))


@given(days)
def test_the_banking_day_before_is_before(day):
    eve = to_ql(day - timedelta(days=1))
    assert banking_day_before(day) == from_ql(FEDERAL_RESERVE.adjust(eve, ql.Preceding))


@given(days, st.integers(1, 12))
def test_banking_days_are_added_as_quantlib_does(day, count):
    assert add_banking_days(day, count) == from_ql(FEDERAL_RESERVE.advance(to_ql(day), count, ql.Days))
    assert add_banking_days(day, 0) == day


def test_every_due_date_is_originated_on_the_banking_day_before_it_and_on_no_other():
    originated = {}
    for day in every_day():
        dues = dues_originated_on(day)
        due = dues[0] if dues else None
        while dues and due <= dues[1]:
            assert originated.setdefault(due, day) == day
            due += timedelta(days=1)
    assert all(banking_day_before(due) == day for due, day in originated.items())
    assert min(originated) == date(1990, 1, 3)
    assert len(originated) == (max(originated) - min(originated)).days + 1


def test_a_long_weekend_is_originated_on_the_friday():
    assert dues_originated_on(date(2024, 1, 12)) == (date(2024, 1, 13), date(2024, 1, 16))
    assert dues_originated_on(date(2024, 1, 15)) is None
    assert roll_forward(date(2024, 1, 13)) == date(2024, 1, 16)
