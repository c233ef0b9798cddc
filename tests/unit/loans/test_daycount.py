"""Day counts against the published tables and against QuantLib."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
import QuantLib as ql  # noqa: N813 - as its own documentation does.
from hypothesis import given, settings
from hypothesis import strategies as st

from loans.daycount import DayCount, period_days, year_fraction


def day(text):
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("20031101", "20040501", "0.497724380567"),
        ("19990201", "19990701", "0.410958904110"),
        ("19990701", "20000701", "1.001377348604"),
        ("20020815", "20030715", "0.915068493151"),
        ("20030715", "20040115", "0.504004790778"),
        ("19990730", "20000130", "0.503892506924"),
        ("20000130", "20000630", "0.415300546448"),
    ],
)
def test_actual_actual_isda_by_its_published_fractions(start, end, years):
    assert f"{float(year_fraction(DayCount.ACT_ACT_ISDA, day(start), day(end))):.12f}" == years


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("20060831", "20070228", 178),
        ("20070228", "20070831", 183),
        ("20070831", "20080229", 179),
        ("20080229", "20080831", 182),
        ("20060131", "20060228", 28),
        ("20060228", "20060303", 5),
        ("20060930", "20061031", 30),
        ("20061031", "20061128", 28),
        ("20080228", "20080831", 183),
        ("20080228", "20080331", 33),
        ("20070226", "20080229", 363),
        ("20080229", "20090228", 359),
    ],
)
def test_bond_basis_by_its_published_days(start, end, days):
    assert period_days(DayCount.THIRTY_360_BOND, day(start), day(end)) == days


@pytest.mark.parametrize(
    ("day_count", "start", "end", "days"),
    [
        (DayCount.THIRTY_E_360, "20070228", "20070831", 182),
        (DayCount.THIRTY_E_360, "20080229", "20080831", 181),
        (DayCount.THIRTY_E_360, "20080228", "20080331", 32),
        (DayCount.THIRTY_E_360_ISDA, "20060228", "20060831", 180),
        (DayCount.THIRTY_E_360_ISDA, "20110831", "20120229", 179),
        (DayCount.THIRTY_360_US, "20070228", "20070831", 180),
        (DayCount.THIRTY_360_US, "20080229", "20080831", 180),
        (DayCount.THIRTY_360_US, "20060228", "20060303", 3),
        (DayCount.THIRTY_360_US, "20080229", "20090228", 360),
    ],
)
def test_the_other_thirty_day_months_by_their_published_days(day_count, start, end, days):
    assert period_days(day_count, day(start), day(end), day("20120229")) == days


@pytest.mark.parametrize(
    ("day_count", "factors"),
    [
        (DayCount.ACT_365F, ["0.008053375342", "0.007533802740", "0.008053375342", "0.007793589041"]),
        (DayCount.ACT_ACT_ISDA, ["0.008031371585", "0.007513218579", "0.008031371585", "0.007772295082"]),
    ],
)
def test_monthly_factors_of_9_4822_percent_in_2024(day_count, factors):
    firsts = [date(2024, month, 1) for month in range(1, 6)]
    rate = Fraction("0.094822")
    months = [rate * year_fraction(day_count, *month) for month in pairwise(firsts)]
    assert [f"{float(factor):.12f}" for factor in months] == factors


dates = st.dates(date(1990, 1, 1), date(2090, 12, 31))
# The ends of months, where the conventions differ, come up as often as all other days together.
ends = st.tuples(dates, st.booleans()).map(
    lambda pick: date.fromordinal((pick[0].replace(day=28)).toordinal() + pick[0].day % 4) if pick[1] else pick[0]
)

PEERS = {
    DayCount.THIRTY_360_US: lambda _: ql.Thirty360(ql.Thirty360.USA),
    DayCount.THIRTY_360_BOND: lambda _: ql.Thirty360(ql.Thirty360.BondBasis),
    DayCount.THIRTY_E_360: lambda _: ql.Thirty360(ql.Thirty360.European),
    DayCount.THIRTY_E_360_ISDA: lambda maturity: ql.Thirty360(ql.Thirty360.ISDA, maturity),
    DayCount.ACT_360: lambda _: ql.Actual360(),
    DayCount.ACT_365F: lambda _: ql.Actual365Fixed(),
    DayCount.ACT_ACT_ISDA: lambda _: ql.ActualActual(ql.ActualActual.ISDA),
}


def quant(day):
    return ql.Date(day.day, day.month, day.year)


@pytest.mark.parametrize("day_count", list(DayCount))
def test_every_convention_counts_as_quantlib_does(day_count):
    @settings(max_examples=1000)
    @given(ends, ends, ends, st.booleans())
    def compare(first, second, other, matures):
        start, end = sorted((first, second))
        maturity = end if matures else other
        peer = PEERS[day_count](quant(maturity))
        assert period_days(day_count, start, end, maturity) == peer.dayCount(quant(start), quant(end))
        years = float(year_fraction(day_count, start, end, maturity))
        assert years == pytest.approx(peer.yearFraction(quant(start), quant(end)), abs=1e-12)

    compare()


def test_every_convention_has_its_peer():
    assert set(PEERS) == set(DayCount)
