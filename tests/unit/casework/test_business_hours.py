"""Opening time: the reference's cases, days on which clocks are changed, and a clock that looks at every minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from casework.business_hours import Hours, OpeningTimes
from casework.selectors.clocks import running

NINE_TO_FIVE = [Hours(weekday=day, opens=time(9), closes=time(17)) for day in range(5)]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
EIGHT_HOURS = 8 * HOUR
FIRST, LAST = date(2024, 2, 26), date(2024, 3, 17)

# 2024-03-01 is a Friday.
FRIDAY_16 = datetime(2024, 3, 1, 16, tzinfo=UTC)
MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
LATER = datetime(2024, 3, 15, tzinfo=UTC)


def opening(zone="UTC", hours=NINE_TO_FIVE, holidays=(), first=FIRST, last=LAST):
    return OpeningTimes(zone=zone, hours=hours, holidays=holidays, first=first, last=last)


class TestReference:
    def test_eight_hours_from_friday_16_have_passed_on_monday_16(self):
        assert opening().passed_at([(FRIDAY_16, LATER)], EIGHT_HOURS) == MONDAY + 16 * HOUR

    def test_two_hours_of_snooze_on_monday_make_it_tuesday_10(self):
        told = [(FRIDAY_16, MONDAY + 10 * HOUR), (MONDAY + 12 * HOUR, LATER)]
        assert opening().passed_at(told, EIGHT_HOURS) == TUESDAY + 10 * HOUR


@pytest.mark.parametrize(
    ("start", "end", "passed"),
    [
        (FRIDAY_16, FRIDAY_16 + 2 * HOUR, HOUR),
        (FRIDAY_16 + 2 * HOUR, MONDAY + 9 * HOUR, timedelta(0)),
        (FRIDAY_16, MONDAY + 9 * HOUR + MINUTE, HOUR + MINUTE),
        (MONDAY, MONDAY + 24 * HOUR, EIGHT_HOURS),
        (MONDAY, MONDAY + 7 * 24 * HOUR, 5 * EIGHT_HOURS),
    ],
)
def test_only_opening_hours_pass(start, end, passed):
    assert opening().between(start, end) == passed


def test_what_runs_out_as_the_day_closes_has_passed_when_the_next_one_opens():
    assert opening().passed_at([(FRIDAY_16, LATER)], HOUR) == MONDAY + 9 * HOUR


def test_what_stops_at_the_very_moment_has_not_passed():
    assert opening().passed_at([(FRIDAY_16, MONDAY + 16 * HOUR)], EIGHT_HOURS) is None
    just_after = MONDAY + 16 * HOUR + timedelta(microseconds=1)
    assert opening().passed_at([(FRIDAY_16, just_after)], EIGHT_HOURS) == MONDAY + 16 * HOUR


def test_a_holiday_is_closed_all_day():
    assert opening(holidays=[MONDAY.date()]).passed_at([(FRIDAY_16, LATER)], EIGHT_HOURS) == TUESDAY + 16 * HOUR


def test_a_day_with_a_break_has_two_stretches():
    halves = [Hours(weekday=0, opens=time(13), closes=time(17)), Hours(weekday=0, opens=time(9), closes=time(12))]
    assert opening(hours=halves).passed_at([(MONDAY, LATER)], 4 * HOUR) == MONDAY + 14 * HOUR


class TestTimeZones:
    NEW_YORK = "America/New_York"

    def test_hours_are_those_of_the_zone(self):
        opens = datetime(2024, 3, 4, 14, tzinfo=UTC)
        assert opening(self.NEW_YORK).passed_at([(MONDAY, LATER)], HOUR) == opens + HOUR

    def test_they_come_an_hour_sooner_once_the_clocks_have_gone_forward(self):
        # On 10 March 2024 at 07:00 UTC.
        saturday = datetime(2024, 3, 9, tzinfo=UTC)
        assert opening(self.NEW_YORK).passed_at([(saturday, LATER)], HOUR) == datetime(2024, 3, 11, 14, tzinfo=UTC)

    def test_a_night_shift_loses_the_hour_that_is_left_out_and_gains_the_one_that_comes_twice(self):
        nights = [Hours(weekday=6, opens=time(1), closes=time(4))]
        spring = opening(self.NEW_YORK, nights)
        day = datetime(2024, 3, 10, tzinfo=UTC)
        assert spring.between(day, day + 24 * HOUR) == 2 * HOUR
        autumn = opening(self.NEW_YORK, nights, first=date(2024, 11, 1), last=date(2024, 11, 5))
        day = datetime(2024, 11, 3, tzinfo=UTC)
        assert autumn.between(day, day + 24 * HOUR) == 4 * HOUR

    def test_a_shift_that_is_wholly_in_the_hour_left_out_is_none(self):
        night = [Hours(weekday=6, opens=time(2, 30), closes=time(3))]
        day = datetime(2024, 3, 10, tzinfo=UTC)
        assert opening(self.NEW_YORK, night).between(day, day + 24 * HOUR) == timedelta(0)


zones = st.sampled_from(["UTC", "America/New_York", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe"])
weeks = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(1, 3)),
    min_size=1,
    max_size=6,
    unique_by=lambda d: d[0],
)
minutes = st.integers(0, 10 * 24 * 60)


def minute_by_minute(zone, hours, holidays, told, target):
    """Return the first minute that passes beyond the target, looking at every one."""
    passed, zone = timedelta(0), ZoneInfo(zone)
    for start, end in told:
        minute = start
        while minute < end:
            local = minute.astimezone(zone)
            if local.date() not in holidays and any(
                one.weekday == local.weekday() and one.opens <= local.time() < one.closes for one in hours
            ):
                if passed == target:
                    return minute
                passed += MINUTE
            minute += MINUTE
    return None


@given(
    zone=zones,
    week=weeks,
    moments=st.lists(minutes, min_size=2, max_size=6, unique=True),
    target=st.integers(0, 40 * 60),
    closed=st.sets(st.dates(FIRST, LAST), max_size=3),
)
@example(zone="America/New_York", week=[(6, 1, 3)], moments=[0, 14400], target=119, closed=set())
def test_it_agrees_with_a_clock_that_looks_at_every_minute(zone, week, moments, target, closed):
    hours = [Hours(weekday=day, opens=time(opens), closes=time(opens + length)) for day, opens, length in week]
    times = [datetime(2024, 3, 2, tzinfo=UTC) + minute * MINUTE for minute in sorted(moments)]
    told = list(zip(times[::2], times[1::2], strict=False))
    expected = minute_by_minute(zone, hours, closed, told, target * MINUTE)
    assert opening(zone, hours, closed).passed_at(told, target * MINUTE) == expected


class TestEvents:
    def test_snooze_and_pause_stop_the_clock_and_it_ends_with_the_case(self):
        times = [FRIDAY_16 + n * HOUR for n in range(6)]
        kinds = ["opened", "snoozed", "woken", "paused", "resumed", "closed"]
        assert running(kinds, times, LATER) == [(times[0], times[1]), (times[2], times[3]), (times[4], times[5])]

    def test_it_runs_until_it_is_looked_at(self):
        assert running(["opened"], [MONDAY], LATER) == [(MONDAY, LATER)]

    def test_what_sleeps_may_be_put_to_sleep_again_and_then_closed(self):
        times = [MONDAY + n * HOUR for n in range(4)]
        assert running(["opened", "snoozed", "snoozed", "closed"], times, LATER) == [(times[0], times[1])]
