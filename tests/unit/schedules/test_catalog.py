"""When schedules are due: every cron against a minute-by-minute count with Celery's own crontab."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from celery.schedules import crontab
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.catalog import CATALOG, Catalog, CatalogError, Schedule

MINUTE = timedelta(minutes=1)


def schedule(cron="0 1 * * *", name="daily-job", **options):
    return Schedule(name=name, cron=cron, **{"task": "jobs.job", "queue": "money", "purpose": "test", **options})


def utc(*moment):
    return datetime(*moment, tzinfo=UTC)


def brute_force(cron, after, through):
    """Return every minute in (after, through] that Celery's crontab matches."""
    minute, hour, day_of_month, month_of_year, day_of_week = cron.split()
    fields = crontab(minute, hour, day_of_week, day_of_month, month_of_year)
    start = after.replace(second=0, microsecond=0)
    minutes = (start + n * MINUTE for n in range(int((through - start) / MINUTE) + 1))
    return [
        moment
        for moment in minutes
        if after < moment <= through
        and moment.minute in fields.minute
        and moment.hour in fields.hour
        and moment.day in fields.day_of_month
        and moment.month in fields.month_of_year
        and moment.isoweekday() % 7 in fields.day_of_week
    ]


def field(low, high):
    value = st.integers(low, high).map(str)
    span = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda two: f"{min(two)}-{max(two)}")
    step = st.integers(2, 20).map(lambda n: f"*/{n}")
    several = st.lists(st.integers(low, high), min_size=2, max_size=3, unique=True).map(lambda n: ",".join(map(str, n)))
    return st.one_of(st.just("*"), value, span, step, several)


# Where both day fields are restricted, classic cron means either and Celery means both: no schedule of ours does that.
CRONS = st.one_of(
    st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), st.just("*")),
    st.tuples(field(0, 59), field(0, 23), st.just("*"), field(1, 12), field(0, 6)),
).map(" ".join)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=450)).map(lambda since: utc(2023, 12, 1) + since)


@settings(max_examples=150, deadline=None)
@given(cron=CRONS, after=MOMENTS, days=st.integers(0, 3), seconds=st.integers(0, 86_399))
def test_occurrences_are_those_of_a_minute_by_minute_count(cron, after, days, seconds):
    through = after + timedelta(days=days, seconds=seconds)
    assert list(schedule(cron).occurrences(after, through)) == brute_force(cron, after, through)


@settings(max_examples=100, deadline=None)
@given(cron=CRONS, at=MOMENTS)
def test_next_and_last_occurrence_are_neighbours(cron, at):
    one = schedule(cron)
    following, previous = one.next_occurrence(at), one.last_occurrence(at)
    assert previous <= at < following
    assert list(one.occurrences(previous, following)) == [following]


@settings(max_examples=60, deadline=None)
@given(cron=CRONS, after=MOMENTS, cut=st.floats(0, 1))
def test_two_spans_that_meet_hold_the_occurrences_of_the_whole(cron, after, cut):
    through = after + timedelta(days=2)
    middle = after + cut * (through - after)
    one = schedule(cron)
    assert [*one.occurrences(after, middle), *one.occurrences(middle, through)] == list(one.occurrences(after, through))


@pytest.mark.parametrize(
    ("cron", "after", "through", "expected"),
    [
        ("0 2 * * *", utc(2024, 2, 28, 12), utc(2024, 3, 1, 12), [utc(2024, 2, 29, 2), utc(2024, 3, 1, 2)]),
        ("0 2 * * *", utc(2023, 2, 28, 12), utc(2023, 3, 1, 12), [utc(2023, 3, 1, 2)]),
        ("0 2 29 2 *", utc(2023, 1, 1), utc(2029, 1, 1), [utc(2024, 2, 29, 2), utc(2028, 2, 29, 2)]),
        ("0 2 29 2 *", utc(2096, 3, 1), utc(2104, 12, 1), [utc(2104, 2, 29, 2)]),  # 2100 is no leap year.
        (
            "0 8 31 * *",
            utc(2024, 1, 1),
            utc(2024, 6, 1),
            [utc(2024, 1, 31, 8), utc(2024, 3, 31, 8), utc(2024, 5, 31, 8)],
        ),
        ("0 8 1 * *", utc(2024, 12, 31, 9), utc(2025, 2, 1, 8), [utc(2025, 1, 1, 8), utc(2025, 2, 1, 8)]),
        ("0 8 1,15 * *", utc(2024, 2, 1, 8), utc(2024, 3, 1, 8), [utc(2024, 2, 15, 8), utc(2024, 3, 1, 8)]),
        (
            "0 8 1 1,4,7,10 *",
            utc(2024, 1, 1, 8),
            utc(2025, 1, 1, 8),
            [utc(2024, 4, 1, 8), utc(2024, 7, 1, 8), utc(2024, 10, 1, 8), utc(2025, 1, 1, 8)],
        ),
        ("0 0 * * *", utc(2024, 12, 31, 0), utc(2025, 1, 1), [utc(2025, 1, 1)]),
    ],
)
def test_month_ends_and_leap_years(cron, after, through, expected):
    assert list(schedule(cron).occurrences(after, through)) == expected


def test_no_hour_is_lost_or_doubled_where_clocks_change_elsewhere():
    for day in (utc(2024, 3, 9), utc(2024, 3, 30), utc(2024, 10, 26), utc(2024, 11, 2)):
        dues = list(schedule("0 * * * *").occurrences(day, day + timedelta(days=2)))
        assert len(dues) == 48
        assert {later - earlier for earlier, later in pairwise(dues)} == {timedelta(hours=1)}


def test_a_moment_in_another_zone_means_the_same_instant():
    after = datetime.fromisoformat("2024-07-01T02:30:00+02:00")
    assert list(schedule("0 1 * * *").occurrences(after, after + timedelta(hours=1))) == [utc(2024, 7, 1, 1)]
    assert schedule("0 1 * * *").last_occurrence(after) == utc(2024, 6, 30, 1)


def test_the_due_time_of_a_business_date():
    assert schedule("0 8 29 2 *").due_on(date(2024, 2, 29)) == utc(2024, 2, 29, 8)
    assert schedule("0 8 29 2 *").due_on(date(2024, 2, 28)) is None
    assert schedule("15 */6 * * *").due_on(date(2024, 7, 1)) == utc(2024, 7, 1, 0, 15)
    assert schedule("0 0 * * *").due_on(date(2024, 7, 1)) == utc(2024, 7, 1)


@pytest.mark.parametrize(
    ("cron", "dated"), [("0 1 * * *", True), ("30 23 1 * *", True), ("0 * * * *", False), ("0 1,2 * * *", False)]
)
def test_a_schedule_is_dated_when_it_occurs_once_a_date_at_most(cron, dated):
    assert schedule(cron).is_dated is dated


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cron", ["", "0 1 * *", "0 1 * * * *", "61 1 * * *", "0 25 * * *", "0 1 32 * *", "nightly", "@daily"]
)
def test_a_cron_that_is_none_is_refused_with_the_schedules_name(cron):
    with pytest.raises(CatalogError, match="Schedule daily-job: "):
        schedule(cron)


@pytest.mark.parametrize("stagger", [timedelta(minutes=61), timedelta(seconds=-1)])
def test_a_stagger_beyond_the_deadline_is_refused(stagger):
    with pytest.raises(CatalogError, match="the stagger must lie between 0 and the deadline"):
        schedule(stagger=stagger)


def test_a_name_used_twice_is_refused():
    with pytest.raises(CatalogError, match="daily-job is declared twice"):
        Catalog((schedule(), schedule("0 2 * * *")))


def test_an_unknown_predecessor_is_refused():
    with pytest.raises(CatalogError, match="daily-job comes after daily-other, which is not declared"):
        Catalog((schedule(after=("daily-other",)),))


def test_a_cycle_is_refused_and_shown():
    a, b, c = (schedule(name=name, after=(after,)) for name, after in ("ab", "bc", "ca"))
    with pytest.raises(CatalogError, match="wait for each other: a → b → c → a"):
        Catalog((a, b, c))


def test_the_platforms_own_catalog_is_sound():
    accrual = CATALOG["daily-interest-accrual"]
    assert (accrual.cron, accrual.books, accrual.queue) == ("0 2 * * *", True, "money")
    assert (accrual.grace, accrual.deadline) == (timedelta(minutes=10), timedelta(minutes=60))
    assert (accrual.catch_up, accrual.catch_up_age) == ("all", timedelta(days=35))
