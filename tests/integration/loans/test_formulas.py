"""Every formula in SQL against its twin in Python."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from common.money import Rounding, to_cents, to_cents_sql
from loans import formulas
from loans.daycount import DayCount, period_days
from loans.grid import add_months, next_due

pytestmark = pytest.mark.usefixtures("books")

dates = st.dates(date(1990, 1, 1), date(2090, 12, 31))
days_around_month_ends = st.tuples(st.integers(0, 1200), st.integers(-2, 2)).map(
    lambda pick: add_months(date(1990, 1, 1), pick[0]) + timedelta(days=pick[1])
)
any_day = dates | days_around_month_ends


def in_sql(expression, columns, rows):
    """Return what an expression over columns (name to type) gives for many rows, in one statement."""
    typed = ", ".join(f"{name}::{kind} AS {name}" for name, kind in columns.items())
    values = ", ".join([f"({', '.join(['%s'] * (len(columns) + 1))})"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression} FROM (SELECT n, {typed} FROM (VALUES {values}) AS v (n, {', '.join(columns)})"
            " OFFSET 0) AS given ORDER BY n",
            [value for n, row in enumerate(rows) for value in (n, *row)],
        )
        return [value for (value,) in cursor.fetchall()]


@settings(max_examples=20)
@given(
    st.lists(
        st.decimals(-(10**12), 10**12, places=3)
        | st.decimals(-2, 2, places=3)
        | st.decimals(-(10**6), 10**6, places=20)
        | st.integers(-(10**6), 10**6).map(lambda n: Decimal(n) / 200),
        min_size=300,
        max_size=300,
    )
)
def test_postgres_rounds_half_a_cent_as_python_does(amounts):
    rows = [(amount, rounding) for amount in amounts for rounding in Rounding]
    rounded = in_sql(to_cents_sql("amount", "rounding"), {"amount": "numeric", "rounding": "text"}, rows)
    assert rounded == [to_cents(*row) for row in rows]
    assert in_sql(to_cents_sql("amount"), {"amount": "numeric"}, [(amount,) for amount in amounts]) == [
        to_cents(amount) for amount in amounts
    ]


@settings(max_examples=20)
@given(st.lists(st.tuples(any_day, st.integers(-400, 4000)), min_size=100, max_size=100))
def test_the_next_due_date(picks):
    rows = [(first_due, first_due + timedelta(days=days)) for first_due, days in picks]
    columns = {"first_due": "date", "after": "date"}
    assert in_sql(formulas.next_due("first_due", "after"), columns, rows) == [next_due(*row) for row in rows]


@settings(max_examples=30)
@given(st.lists(st.tuples(any_day, any_day, st.booleans()), min_size=60, max_size=60))
def test_the_days_of_a_period(picks):
    rows = [
        (day_count, min(pair), max(pair), max(pair) if matures else date(2099, 2, 28))
        for *pair, matures in picks
        for day_count in DayCount
    ]
    columns = {"day_count": "text", "start": "date", "ends": "date", "maturity": "date"}
    days = in_sql(formulas.period_days("day_count", "start", "ends", "maturity"), columns, rows)
    assert days == [period_days(*row) for row in rows]


def test_maturity_is_the_last_due_date():
    columns = {"first_due": "date", "term": "smallint"}
    rows = [(date(2024, 1, 31), 1), (date(2024, 1, 31), 2), (date(2024, 1, 31), 36)]
    assert in_sql(formulas.maturity("first_due", "term"), columns, rows) == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2026, 12, 31),
    ]


YEARS = {DayCount.ACT_365F: 365, DayCount.ACT_ACT_ISDA: 365 * 366}


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9), st.sampled_from(DayCount), dates, st.integers(1, 400)),
        min_size=100,
        max_size=100,
    ),
    st.sampled_from([-1, 0, 1]),
)
def test_no_tie_is_missed_and_none_is_invented(picks, last_digit):
    """Exposures that end on half a cent, or their last digit beside it, round as the exact fraction does."""
    rows = []
    for half_cents, day_count, start, actual in picks:
        end = start + timedelta(days=actual)
        divisor = Fraction(YEARS.get(day_count, 360) * actual, max(1, period_days(day_count, start, end)))
        tie = round(Fraction(half_cents, 200) * divisor * 10**10) + last_digit
        rows.append((Decimal(tie).scaleb(-10), day_count, max(1, period_days(day_count, start, end)), start, end))
    columns = {"exposure": "numeric(30,10)", "day_count": "text", "days": "int", "start": "date", "ends": "date"}
    interest = formulas.interest("exposure", "days", "start", "ends", "day_count")
    rounded = f"(SELECT {to_cents_sql('earned')} FROM (SELECT {interest} AS earned OFFSET 0) AS e)"
    assert in_sql(rounded, columns, rows) == [
        to_cents(Fraction(exposure) * days / (YEARS.get(day_count, 360) * (end - start).days))
        for exposure, day_count, days, start, end in rows
    ]
