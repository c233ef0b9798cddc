"""What a night says of every loan: as of that night whenever it is taken, tied to the books, and never changed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from common import clock
from delinquency.services import flag
from ledger.services import Posting, open_entry, post
from loans.grid import days
from loans.models import Instalment
from payments.exceptions import BadEffectiveDateError, LoanClosedError
from payments.models import Payment
from portfolios.exceptions import DayToComeError, NoSuchPortfolioError, SnapshotsDifferError
from portfolios.models import Membership, Snapshot, Total
from portfolios.selectors import total
from portfolios.services import correct_snapshots, sum_up, take_snapshot
from tests.integration.payments.money import assess_fee, lend, pay, take_back
from tests.integration.portfolios.kept import (
    DAY,
    START,
    assign,
    default,
    due,
    keep_books,
    night,
    portfolio,
    rule,
    snap,
    snapshots,
    totals,
)

pytestmark = pytest.mark.usefixtures("books")

D = Decimal
FIRST = START + DAY


def nights(first, last):
    for day in days(first, last):
        assert night(day).quarantined == []


def said(loan, day):
    """Return what counts of a loan on a night."""
    row = Snapshot.objects.filter(loan=loan, snapshot_date=day).order_by("version").last()
    return row and (row.portfolio.code, str(row.principal), str(row.interest), row.dpd, row.bucket, row.status)


def test_a_snapshot_says_what_is_owed_and_how_late_it_is():
    loan = lend(principal="100.00", rate="0.07", term=6)
    night(FIRST)
    assert said(loan, FIRST) == ("default", "100.00", "0.02", 0, 0, "current")
    nights(FIRST + DAY, date(2024, 2, 3))
    assert said(loan, date(2024, 2, 1)) == ("default", "100.00", "0.58", 0, 0, "current")
    assert said(loan, date(2024, 2, 3)) == ("default", "100.00", "0.62", 2, 1, "past due")
    assert Total.objects.filter(portfolio=default()).latest("snapshot_date").past_due == 1


def test_default_and_charge_off_of_the_night_are_told_by_it():
    loan = lend(default_dpd=2, charge_off_dpd=4)
    nights(FIRST, date(2024, 2, 6))
    told = [said(loan, date(2024, 2, day)) and said(loan, date(2024, 2, day))[3:] for day in range(1, 7)]
    assert told == [
        (0, 0, "current"),
        (1, 1, "past due"),
        (2, 1, "defaulted"),
        (3, 1, "defaulted"),
        (4, 1, "charged off"),
        (0, 0, "charged off"),
    ]
    assert said(loan, date(2024, 2, 5))[1:3] == ("0.00", "0.00")
    pay("5.00", date(2024, 2, 6))
    night(date(2024, 2, 7))
    assert Snapshot.objects.get(loan=loan, snapshot_date=date(2024, 2, 7)).recovered == D("5.00")


def test_a_flag_puts_a_loan_in_default_whatever_is_paid():
    loan = lend()
    flag(loan_number="L1", kind="bankruptcy", starts_on=START)
    night(FIRST)
    assert said(loan, FIRST)[5] == "defaulted"


def test_a_loan_that_is_paid_is_told_of_once_more():
    loan = lend()
    night(FIRST)
    pay("100.02", FIRST)
    nights(FIRST + DAY, FIRST + 3 * DAY)
    assert said(loan, FIRST + DAY) == ("default", "0.00", "0.00", 0, 0, "fully paid")
    assert [row.snapshot_date for row in Snapshot.objects.order_by("snapshot_date")] == [FIRST, FIRST + DAY]


def test_what_is_overpaid_is_told_as_long_as_it_stands():
    loan = lend()
    night(FIRST)
    pay("110.02", FIRST)
    nights(FIRST + DAY, FIRST + 4 * DAY)
    assert Snapshot.objects.get(loan=loan, snapshot_date=FIRST + 4 * DAY).overpaid == D("10.00")


def test_every_portfolio_has_its_own_and_a_total_zero_included():
    loans = [lend(f"L{n}", principal=f"{n}00.00") for n in range(1, 4)]
    for code in ("small", "empty"):
        portfolio(code)
    rule("r", "small", balance_below=D(250))
    night(START + 5 * DAY)
    day = START + 5 * DAY
    assert [said(loan, day)[0] for loan in loans] == ["small", "small", "default"]
    told = {row.portfolio.code: (row.loans, str(row.principal)) for row in Total.objects.filter(snapshot_date=day)}
    assert told == {"default": (1, "300.00"), "small": (2, "300.00"), "empty": (0, "0.00")}
    assert total(day)["principal"] == D("600.00")


def test_a_night_done_twice_is_a_night_done_once():
    lend()
    nights(FIRST, FIRST + 3 * DAY)
    before = snapshots(), totals()
    assert snap(FIRST + 3 * DAY).counts == {"loans": 1, "past_due": 0}
    assert take_snapshot(portfolio_id=default().pk, snapshot_date=FIRST).counts == {"loans": 1, "written": 0}
    assert (snapshots(), totals()) == before


def test_taken_by_hand_without_a_window_it_is_as_of_the_same_moment():
    lend()
    keep_books(FIRST)
    assign(FIRST)
    take_snapshot(portfolio_id=default().pk, snapshot_date=FIRST)
    by_hand = snapshots()
    assert snap(FIRST).quarantined == []
    assert snapshots() == by_hand


def test_a_portfolio_that_is_none_is_refused():
    with pytest.raises(NoSuchPortfolioError, match="There is no open portfolio 999999"):
        take_snapshot(portfolio_id=999999, snapshot_date=FIRST)


def test_the_app_may_add_snapshots_and_never_change_or_delete_one():
    for model in (Snapshot, Total):
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT has_table_privilege('matins_app', %(table)s, 'INSERT'),
                          has_table_privilege('matins_app', %(table)s, 'UPDATE'),
                          has_any_column_privilege('matins_app', %(table)s, 'UPDATE'),
                          has_table_privilege('matins_app', %(table)s, 'DELETE')""",
                {"table": model._meta.db_table},
            )
            assert cursor.fetchone() == (True, False, False, False)


def test_a_correction_is_a_new_version_and_the_old_one_stays():
    loan = lend()
    nights(FIRST, date(2024, 2, 3))
    pay("17.01", date(2024, 2, 1), posted=date(2024, 2, 3))
    clock.set_to(due(date(2024, 2, 3), 12))
    counts = correct_snapshots(business_date=date(2024, 2, 3)).counts
    # The books of that night are what they were; that it is not late was known only later.
    assert counts == {"loans": 1, "past_due": 0, "written": 1}
    assert [row[-3:] for row in snapshots(loan=loan, snapshot_date=date(2024, 2, 3))] != []
    rows = Snapshot.objects.filter(loan=loan, snapshot_date=date(2024, 2, 3)).order_by("version")
    assert [(row.version, row.dpd, row.status, str(row.principal)) for row in rows] == [
        (1, 2, "past due", "100.00"),
        (2, 0, "current", "100.00"),
    ]
    assert [row.past_due for row in Total.objects.filter(snapshot_date=date(2024, 2, 3)).order_by("version")] == [1, 0]
    assert correct_snapshots(business_date=date(2024, 2, 3)).counts["written"] == 0


def test_a_night_that_has_not_come_is_not_corrected():
    clock.set_to(due(FIRST, 12))
    with pytest.raises(DayToComeError, match="2024-01-03 has not come yet"):
        correct_snapshots(business_date=FIRST + DAY)


def test_a_cent_that_only_the_general_ledger_has_fails_by_name():
    lend()
    keep_books(FIRST)
    assign(FIRST)
    entry = open_entry(entry_date=START, kind="a clerk's")
    post(entry, Posting(debit="LR", credit="CL", amount=D("0.01")))
    with pytest.raises(SnapshotsDifferError, match=r"2024-01-02 .* principal 100.00, LR 100.01\. Look at"):
        snap(FIRST)


def test_a_snapshot_that_says_too_much_fails_by_name():
    lend()
    night(FIRST)
    Total.objects.update(interest=D("0.03"), version=2)
    with pytest.raises(SnapshotsDifferError, match=r"interest 0.03, IR 0.02"):
        sum_up(business_date=FIRST)


def test_what_is_booked_that_day_by_hand_or_later_in_the_night_is_not_of_the_night():
    loan = lend()
    keep_books(FIRST)
    assign(FIRST)
    pay("10.00", FIRST)
    assert snap(FIRST).quarantined == []
    assert said(loan, FIRST)[1] == "100.00"


def spoil(loan, cents):
    instalment = Instalment.objects.filter(loan=loan, number=2)
    instalment.update(due_through=instalment.get().due_through + D(cents))


def test_loans_that_cannot_be_told_are_named_and_count_and_are_done_alone_once_they_can():
    lend("L1")
    bad = lend("L2", principal="200.00")
    nights(FIRST, date(2024, 3, 3))
    day = date(2024, 3, 4)
    keep_books(day)
    assign(day)
    spoil(bad, "1.00")
    outcome = snap(day)
    assert [(item.key, item.reason.startswith("its plan does not add up")) for item in outcome.quarantined] == [
        ("L2", True)
    ]
    assert outcome.counts == {"loans": 1, "past_due": 1}
    spoil(bad, "-1.00")
    again = sum_up(business_date=day, due_at=due(day, 5, 30), only=["L2"])
    assert (again.counts, again.quarantined) == ({"loans": 2, "past_due": 2}, [])
    assert [row.version for row in Snapshot.objects.filter(snapshot_date=day)] == [1, 1]
    assert total(day)["principal"] == D("300.00")


def test_a_loan_without_a_portfolio_and_one_whose_portfolio_was_not_taken_are_named():
    lend("L1")
    lend("L2")
    keep_books(FIRST)
    assign(FIRST, only=["L1"])
    outcome = sum_up(business_date=FIRST, due_at=due(FIRST, 5, 30))
    assert [(item.key, item.reason.split(":")[0]) for item in outcome.quarantined] == [
        ("L1", "its portfolio has no snapshot of it on that day"),
        ("L2", "no portfolio has it on that day"),
    ]
    assert outcome.counts == {"loans": 0, "past_due": 0}


LAST = START + 10 * DAY
#: A night, the hour (before or after its jobs), which loan, and what comes: dollars, a return, a fee; and how late.
deeds = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.booleans(),
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(["5.00", "34.30", "150.00", "back", "fee"]),
        st.integers(0, 6),
    ),
    max_size=7,
)


def world():
    """One loan that goes bad fast, one whose first due date comes soon, and one that is new."""
    lend("A", start=date(2023, 12, 4), default_dpd=2, charge_off_dpd=4)
    lend("B", start=date(2023, 12, 6))
    lend("C", start=START + DAY)
    portfolio("late")
    portfolio("small")
    rule("late", "late", 10, dpd_from=1)
    rule("small", "small", 20, balance_below=D(90))


def live(done, *, late=()):
    """Live through the nights; the portfolio's jobs of some are put off until the end."""
    for day in days(START, LAST):
        do(day, [deed for deed in done if START + deed[0] * DAY == day and not deed[1]])
        keep_books(day)
        if day not in late:
            assert assign(day).quarantined == []
            assert snap(day).quarantined == []
        do(day, [deed for deed in done if START + deed[0] * DAY == day and deed[1]])
    for day in late:
        assert assign(day).quarantined == []
        assert snap(day).quarantined == []


def do(day, done):
    for n, (_, _, loan, what, days_ago) in enumerate(done):
        reference, since = f"{loan} {day} {what} {n} {days_ago}", max(day - days_ago * DAY, opened(loan))
        try:
            if what == "fee":
                assess_fee_of(loan, day, reference)
            elif what == "back":
                back(loan, day)
            elif day >= opened(loan):
                pay(what, since, posted=day, reference=reference, loan=loan)
        except (LoanClosedError, BadEffectiveDateError):
            continue


def opened(loan):
    return {"A": date(2023, 12, 4), "B": date(2023, 12, 6), "C": START + DAY}[loan]


def assess_fee_of(number, day, reference):
    from loans.models import Closure, Loan

    if day >= opened(number) and not Closure.objects.filter(loan__number=number, reopened_on=None):
        assess_fee(Loan.objects.get(number=number), "3.00", day, reference)


def back(loan, day):
    paid = Payment.objects.filter(loan__number=loan, taken_back=None).order_by("id").last()
    if paid:
        take_back(paid, day)


properties = settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@properties
@given(deeds)
@example([(1, True, "A", "5.00", 0), (2, True, "B", "34.30", 6), (6, True, "A", "150.00", 1), (7, True, "C", "fee", 0)])
@example([(3, False, "B", "150.00", 5), (5, True, "B", "back", 0), (8, False, "A", "34.30", 6)])
def test_on_every_night_the_snapshots_add_up_to_the_general_ledger(done):
    with transaction.atomic():
        world()
        live(done)  # Each night was compared, and nobody left out.
        assert set(Snapshot.objects.values_list("snapshot_date", flat=True)) == set(days(START, LAST))
        transaction.set_rollback(True)


@properties
@given(deeds, st.integers(1, 10))
@example([(1, True, "A", "5.00", 0), (6, True, "A", "150.00", 0), (7, True, "C", "fee", 0)], 8)
def test_nights_taken_late_say_what_they_would_have_said_on_time(done, how_late):
    # What comes in with an earlier date is known to whoever looks later: only its money waits for its entry.
    on_time_deeds = [(*deed[:4], 0) for deed in done]
    late = days(LAST - how_late * DAY, LAST)
    told = []
    for put_off in ((), late):
        with transaction.atomic():
            world()
            live(on_time_deeds, late=put_off)
            told.append(without_ids())
            transaction.set_rollback(True)
    assert told[0] == told[1]


def without_ids():
    """Return all rows with loans and portfolios by their names."""
    rows = Snapshot.objects.order_by("snapshot_date", "loan__number", "version")
    figures = ("principal", "interest", "fees", "overpaid", "recovered", "dpd", "bucket", "status", "version")
    sums = ("principal", "interest", "fees", "overpaid", "recovered", "loans", "past_due", "version")
    members = Membership.objects.order_by("loan__number", "since")
    return (
        list(rows.values_list("snapshot_date", "loan__number", "portfolio__code", *figures)),
        list(
            Total.objects.order_by("snapshot_date", "portfolio__code", "version").values_list(
                "snapshot_date", "portfolio__code", *sums
            )
        ),
        list(members.values_list("loan__number", "portfolio__code", "since", "until", "follows")),
    )


def test_a_month_of_nights_ties_every_night():
    world()
    nights(START, START + timedelta(days=45))
    assert Snapshot.objects.values("status").distinct().count() >= 4
