"""The rows of any loan against the rule itself, in exact fractions and one day at a time."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.money import Rounding, to_cents
from loans.daycount import MONTHLY, DayCount, year_fraction
from loans.grid import add_months, next_due
from tests.integration.loans.books import accrue, amounts, make_loan, move, set_rate

pytestmark = pytest.mark.usefixtures("books")


def expected(loan, rates, principals, last):
    """Return the cents of every day after the start: round(cum(D)) less what the open period posted before."""
    product, start, cents = loan.product, loan.accrues_from, []
    maturity = add_months(loan.first_due, loan.term_months - 1)
    end, day = next_due(loan.first_due, start), start
    exact, posted = Fraction(0), Decimal("0.00")
    while day < last:
        eve, day = day, day + timedelta(days=1)
        if day > end:
            start, end, exact, posted = end, next_due(loan.first_due, end), Fraction(0), Decimal("0.00")
        if product.day_count in MONTHLY:
            share = year_fraction(product.day_count, start, end, maturity) / (end - start).days
        else:
            share = year_fraction(product.day_count, eve, day)
        rate = Fraction([rate for since, rate in rates if since <= eve][-1])
        exact += sum(Fraction(moved) for on, moved in principals if on <= eve) * rate * share
        cumulative = to_cents(exact, product.rounding)
        cents.append(int((cumulative - posted) * 100))
        posted = cumulative
    return cents


@st.composite
def histories(draw):
    start = draw(st.dates(date(2019, 1, 1), date(2024, 12, 31)))
    days = draw(st.integers(20, 75))
    later = st.integers(1, days - 1).map(lambda n: start + timedelta(days=n))
    rate, principal = st.decimals("-0.01", "0.36", places=6), st.decimals("0.01", "90000", places=2)
    changes = draw(st.dictionaries(later, rate, max_size=3))
    moves = draw(st.dictionaries(later, st.decimals("0", "500", places=2), max_size=3))
    terms = {
        "day_count": draw(st.sampled_from(DayCount)),
        "rounding": draw(st.sampled_from(Rounding)),
        "start": start,
        "first_due": start + timedelta(days=draw(st.integers(1, 60))),
        "term": draw(st.integers(1, 4)),
    }
    rates = [(start, draw(rate)), *sorted(changes.items())]
    return terms, rates, [(start, draw(principal)), *sorted(moves.items())], start + timedelta(days=days)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_every_day_of_any_loan_is_the_rule_in_exact_fractions(history):
    terms, rates, principals, last = history
    with transaction.atomic():
        loan = make_loan(principal=principals[0][1], rate=rates[0][1], **terms)
        for since, rate in rates[1:]:
            set_rate(loan, rate, since)
        for on, moved in principals[1:]:
            move(loan, moved, on)
        accrue(last)
        assert amounts(loan, terms["start"] + timedelta(days=1), last) == expected(loan, rates, principals, last)
        transaction.set_rollback(True)
