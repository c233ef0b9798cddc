"""When borrowers may be disturbed: by their own clocks, through every change of them, in every state."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import zones
from casework.exceptions import NoZoneError

ALL = sorted(zones.STATES)
#: Any minute of five years.
moments = st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: utc(2023, 1, 1) + timedelta(minutes=minutes))
QUARTER = timedelta(minutes=15)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_the_fifty_states_the_district_and_five_territories_have_zones():
    assert len(ALL) == 56


@pytest.mark.parametrize(
    ("state", "day", "expected"),
    [
        ("NY", date(2024, 1, 15), utc(2024, 1, 15, 13)),
        ("NY", date(2024, 7, 15), utc(2024, 7, 15, 12)),
        ("CA", date(2024, 1, 15), utc(2024, 1, 15, 16)),
        # The clocks go forward on 10 March and back on 3 November, at 2 o'clock.
        ("NY", date(2024, 3, 9), utc(2024, 3, 9, 13)),
        ("NY", date(2024, 3, 10), utc(2024, 3, 10, 12)),
        ("NY", date(2024, 11, 3), utc(2024, 11, 3, 13)),
        ("HI", date(2024, 7, 15), utc(2024, 7, 15, 18)),
        ("PR", date(2024, 7, 15), utc(2024, 7, 15, 12)),
        ("GU", date(2024, 7, 15), utc(2024, 7, 15, 22)),
        # Two zones: 8 o'clock in the western one.
        ("FL", date(2024, 1, 15), utc(2024, 1, 15, 14)),
        ("TX", date(2024, 7, 15), utc(2024, 7, 15, 14)),
        ("ID", date(2024, 1, 15), utc(2024, 1, 15, 16)),
        ("AK", date(2024, 7, 15), utc(2024, 7, 15, 17)),
        # Phoenix stays on standard time, the Navajo Nation does not: in summer 8 o'clock comes to Phoenix last.
        ("AZ", date(2024, 1, 15), utc(2024, 1, 15, 15)),
        ("AZ", date(2024, 7, 15), utc(2024, 7, 15, 15)),
    ],
)
def test_the_morning_after_a_night(state, day, expected):
    assert zones.morning(day, state) == expected


@pytest.mark.parametrize(
    ("state", "moment", "may"),
    [
        ("NY", utc(2024, 1, 15, 12, 59, 59), False),
        ("NY", utc(2024, 1, 15, 13), True),
        ("NY", utc(2024, 1, 16, 1, 59, 59), True),
        ("NY", utc(2024, 1, 16, 2), False),
        ("FL", utc(2024, 1, 15, 13, 30), False),  # 8:30 in Miami, 7:30 in Pensacola.
        ("FL", utc(2024, 1, 16, 2, 30), False),  # 21:30 in Miami, 20:30 in Pensacola.
        ("FL", utc(2024, 1, 16, 1, 59), True),
    ],
)
def test_from_eight_until_nine_in_the_evening_in_all_of_the_state(state, moment, may):
    assert zones.may_disturb(moment, state) is may


def test_a_moment_in_a_state_of_two_zones_waits_for_the_later_eight_oclock_of_the_same_morning():
    assert zones.first_chance(utc(2024, 1, 15, 13, 30), "FL") == utc(2024, 1, 15, 14)
    assert zones.first_chance(utc(2024, 1, 16, 2, 30), "FL") == utc(2024, 1, 16, 14)


def by_the_wall(moment, state):
    """Return whether every clock of a state shows a time between 8 and 21."""
    return all(time(8) <= moment.astimezone(zone).time() < time(21) for zone in zones.zones_of(state))


@given(moments, st.sampled_from(ALL))
def test_the_first_chance_is_in_hours_and_no_quarter_before_it_was(moment, state):
    chance = zones.first_chance(moment, state)
    assert by_the_wall(chance, state)
    assert moment <= chance <= moment + timedelta(hours=13)
    while moment < chance:
        assert not by_the_wall(moment, state)
        moment += QUARTER


@given(st.dates(date(2023, 1, 1), date(2027, 12, 31)), st.sampled_from(ALL))
def test_every_morning_is_an_eight_oclock_within_a_day_of_the_night(day, state):
    morning = zones.morning(day, state)
    assert by_the_wall(morning, state)
    assert time(8) in {morning.astimezone(zone).time() for zone in zones.zones_of(state)}
    assert utc(day.year, day.month, day.day, 4) < morning <= utc(day.year, day.month, day.day, 23)


@pytest.mark.parametrize("state", ["", "XX", "AE", "ca"])
def test_a_state_that_nobody_knows_has_no_time(state):
    with pytest.raises(NoZoneError, match="enter the borrower's state"):
        zones.morning(date(2024, 1, 1), state)
