"""Whose a loan is: the first rule that fits decides, every night anew, and its history has no gap and no overlap."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loans.models import Instalment
from portfolios.models import Membership, Portfolio
from portfolios.services import close_portfolio, end_rule
from tests.integration.delinquency.behind import make_loan, make_product, move, pay
from tests.integration.portfolios.kept import (
    DAY,
    START,
    assign,
    default,
    home,
    portfolio,
    rule,
    stretches,
)

pytestmark = pytest.mark.usefixtures("books")

D = START + 9 * DAY
LATE, DUE_LATER = ["2024-01-01"], ["2024-02-05"]


def lend(number="L1", dues=DUE_LATER, amount="250.00", **options):
    return make_loan(number, dues, amount, **options)


def test_without_rules_every_loan_is_in_the_default_portfolio():
    loan = lend()
    assert assign(D).counts == {"loans": 1, "assigned": 1, "moved": 0}
    assert stretches(loan) == [("default", D, None)]


def test_a_tenant_without_loans_has_nothing_to_assign():
    assert assign(D).counts == {"loans": 0, "assigned": 0, "moved": 0}


def test_a_night_done_twice_is_a_night_done_once():
    loan = lend()
    assign(D)
    assert assign(D).counts == {"loans": 1, "assigned": 0, "moved": 0}
    assert assign(D + DAY).counts == {"loans": 1, "assigned": 0, "moved": 0}
    assert stretches(loan) == [("default", D, None)]


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({}, True),
        ({"products": ["plain"]}, True),
        ({"products": ["other", "plain"]}, True),
        ({"products": ["other"]}, False),
        ({"states": ["NY", "CA"]}, True),
        ({"states": ["NY"]}, False),
        ({"dpd_from": 9}, True),
        ({"dpd_from": 10}, False),
        ({"dpd_through": 9}, True),
        ({"dpd_through": 8}, False),
        ({"balance_from": Decimal("250.00")}, True),
        ({"balance_from": Decimal("250.01")}, False),
        ({"balance_below": Decimal("250.01")}, True),
        ({"balance_below": Decimal("250.00")}, False),
        ({"originated_from": date(2023, 12, 2)}, True),
        ({"originated_from": date(2023, 12, 3)}, False),
        ({"originated_through": date(2023, 12, 2)}, True),
        ({"originated_through": date(2023, 12, 1)}, False),
        ({"products": ["plain"], "states": ["CA"], "dpd_from": 1, "balance_from": Decimal(1)}, True),
        ({"products": ["plain"], "states": ["NY"], "dpd_from": 1, "balance_from": Decimal(1)}, False),
    ],
)
def test_all_that_a_rule_says_must_hold(conditions, fits):
    make_product("other")
    loan = lend(dues=LATE)
    portfolio("chosen")
    rule("r", "chosen", **conditions)
    assign(D)
    assert home(loan) == ("chosen" if fits else "default")


def test_a_loan_that_is_current_has_no_days_past_due():
    loan = lend()
    portfolio("current")
    rule("r", "current", dpd_from=0, dpd_through=0)
    assign(D)
    assert home(loan) == "current"


def test_the_lowest_priority_is_asked_first_and_of_equals_the_older():
    loan = lend()
    for code in ("a", "b", "c"):
        portfolio(code)
    rule("r1", "a", 20)
    rule("r2", "b", 10)
    rule("r3", "c", 10)
    assign(D)
    assert home(loan) == "b"


def test_a_loan_moves_when_it_changes_and_its_stretches_touch():
    loan = lend(dues=[*LATE, *DUE_LATER])
    portfolio("late")
    rule("r", "late", dpd_from=1)
    assign(date(2024, 1, 1))
    assign(date(2024, 1, 2))
    rule("earlier", "late", 5, since=date(2024, 1, 2), dpd_from=1)
    assign(date(2024, 1, 3))
    pay(loan, date(2024, 1, 3), "250.00")
    assert assign(date(2024, 1, 4)).counts == {"loans": 1, "assigned": 0, "moved": 1}
    assert stretches(loan) == [
        ("default", date(2024, 1, 1), date(2024, 1, 2)),
        ("late", date(2024, 1, 2), date(2024, 1, 4)),
        ("default", date(2024, 1, 4), None),
    ]


def test_a_rule_and_a_portfolio_hold_from_the_night_after_they_were_set():
    loan = lend()
    portfolio("later", opened_on=D)
    rule("r", "later", since=D)
    assign(D)
    assert home(loan) == "default"
    assign(D + DAY)
    assert home(loan) == "later"


def test_a_new_version_replaces_the_one_before_and_an_ended_rule_names_nothing():
    loan = lend()
    portfolio("a")
    portfolio("b")
    rule("r", "a")
    assign(D)
    assert rule("r", "b", since=D).version == 2
    assign(D + DAY)
    end_rule(code="r", until=D + DAY)
    assign(D + DAY)
    assign(D + 2 * DAY)
    assert stretches(loan) == [("a", D, D + DAY), ("b", D + DAY, D + 2 * DAY), ("default", D + 2 * DAY, None)]


def test_a_closed_portfolios_loans_go_where_the_other_rules_send_them():
    loan = lend()
    portfolio("a")
    portfolio("b")
    rule("r1", "a", 10)
    rule("r2", "b", 20)
    assign(D)
    close_portfolio(code="a", closed_on=D)
    assign(D)
    assign(D + DAY)
    assert stretches(loan) == [("a", D, D + DAY), ("b", D + DAY, None)]


def test_a_late_night_decides_by_what_was_then():
    on_time, late = lend("L1"), lend("L2")
    portfolio("small")
    rule("r", "small", balance_below=Decimal(200))
    assign(D, only=["L1"])
    for loan in (on_time, late):
        move(loan, "payment", D, principal=Decimal(-100))
    assign(D)
    assert stretches(late) == stretches(on_time)
    assign(D + DAY)
    assert stretches(late) == [("default", D, D + DAY), ("small", D + DAY, None)]


def test_what_was_boarded_later_is_not_assigned_to_an_earlier_night():
    lend(dues=["2024-03-10"])  # Disbursed on 9 February.
    assert assign(date(2024, 2, 9)).counts["loans"] == 0
    assert assign(date(2024, 2, 10)).counts["assigned"] == 1


def test_a_loan_that_ended_stays_where_it_was():
    loan = lend()
    assign(D)
    move(loan, "payment", D, principal=Decimal(-250))
    portfolio("all")
    rule("r", "all", since=D)
    assert assign(D + DAY).counts["loans"] == 0
    assert home(loan) == "default"


def test_a_loan_whose_days_cannot_be_told_stays_where_it_is_and_is_done_alone_once_they_can():
    good, bad = lend("L1", dues=LATE), lend("L2", dues=[*LATE, "2024-01-05"])
    instalment = Instalment.objects.filter(loan=bad, number=2)
    instalment.update(due_through=Decimal("999.00"))
    outcome = assign(D)
    assert [(item.key, item.reason.startswith("its plan does not add up")) for item in outcome.quarantined] == [
        ("L2", True)
    ]
    assert (stretches(good), stretches(bad)) == ([("default", D, None)], [])
    instalment.update(due_through=Decimal("500.00"))
    assert assign(D, only=["L2"]).counts == {"loans": 1, "assigned": 1, "moved": 0}
    assert assign(D, only=["ghost"]).quarantined[0].key == "ghost"


def test_the_same_books_give_the_same_portfolios_whatever_the_order():
    loans = [lend(f"L{n}", dues=LATE if n % 2 else DUE_LATER, amount=f"{n}00.00") for n in range(1, 7)]
    for code in ("a", "b", "c"):
        portfolio(code)
    rule("r1", "a", 10, dpd_from=1, balance_from=Decimal(300))
    rule("r2", "b", 10, balance_below=Decimal(400))
    rule("r3", "c", 10, balance_from=Decimal(600))
    homes = []
    for order in (loans, loans[::-1]):
        with transaction.atomic():
            for loan in order:
                assign(D, only=[loan.number])
            homes.append([home(loan) for loan in loans])
            transaction.set_rollback(True)
    assert homes[0] == homes[1] == ["b", "b", "a", "default", "a", "c"]


def stretch(loan, since, until=None, follows=None):
    return Membership.objects.create(loan=loan, portfolio=default(), since=since, until=until, follows=follows)


@pytest.mark.parametrize(
    "rows",
    [
        [(D, None, None), (D + DAY, None, None)],  # Two beginnings.
        [(D, D + DAY, None), (D + 2 * DAY, None, D + 2 * DAY)],  # A gap.
        [(D, D + 3 * DAY, None), (D + DAY, None, D + DAY)],  # An overlap.
        [(D, None, None), (D + DAY, None, D + DAY)],  # The one before goes on.
        [(D, D + DAY, None), (D + DAY, None, D + DAY), (D + DAY, D + 2 * DAY, D + DAY)],  # Two go on from one.
        [(D, D, None)],  # No night at all.
        [(D, D + DAY, None), (D + 2 * DAY, None, D + DAY)],  # It does not begin where it says.
    ],
)
def test_the_database_refuses_gaps_and_overlaps(rows):
    loan = lend()
    with pytest.raises(IntegrityError), transaction.atomic():
        [stretch(loan, since, until, follows) for since, until, follows in rows]


def test_a_stretch_that_another_follows_keeps_its_end():
    loan = lend()
    first = stretch(loan, D, D + DAY)
    stretch(loan, D + DAY, None, D + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=first.pk).update(until=D + 3 * DAY)


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),  # nights between
            st.sampled_from(["r1", "r2", "r3"]),
            st.sampled_from(["a", "b", "end"]),
            st.integers(1, 3),
            st.integers(0, 3),  # hundreds of dollars it asks for
        ),
        max_size=8,
    )
)
def test_after_any_nights_every_loans_history_is_without_gap_or_overlap(changes):
    with transaction.atomic():
        loans = [lend(f"L{n}", amount=f"{n}00.00") for n in range(1, 4)]
        portfolio("a")
        portfolio("b")
        day = D
        for nights, code, to, priority, hundreds in changes:
            for _ in range(nights):
                assign(day)
                day += DAY
            if to != "end":
                rule(code, to, priority, since=day, balance_from=Decimal(100 * hundreds))
            elif Portfolio.objects.filter(rule__code=code, rule__until=None):
                end_rule(code=code, until=day)
        assign(day)
        first = day if all(nights == 0 for nights, *_ in changes) else D
        for loan in loans:
            held = stretches(loan)
            assert held[0][1] == first
            assert [until for _, _, until in held[:-1]] == [since for _, since, _ in held[1:]]
            assert held[-1][2] is None
            assert all(before[0] != after[0] for before, after in pairwise(held))
        transaction.set_rollback(True)


def test_no_two_rules_that_fit_nothing_leave_a_loan_without_a_home():
    loan = lend()
    portfolio("a")
    rule("r", "a", products=[make_product("other").code])
    assign(D + timedelta(days=1))
    assert home(loan) == "default"
