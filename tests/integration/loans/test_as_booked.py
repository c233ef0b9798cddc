"""What stood on each loan as of a night: the same as adding up every row by its entry, and as the general ledger."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from ledger import selectors as ledger
from loans.models import Transaction
from loans.scope import Scope
from loans.selectors.as_of import as_booked
from loans.services import accrue_interest
from loans.services.booking import Booking
from payments.exceptions import LoanClosedError
from payments.models import Payment
from payments.services import post_payment, reverse_payment
from tests.conformance.world import make_loan, product

pytestmark = pytest.mark.usefixtures("books")

START, DAYS = date(2024, 1, 15), 12
STARTS = {"A": START, "B": START + timedelta(days=2)}
FIGURES = ("principal", "interest", "fees", "overpaid", "recovered")
#: What is done on a day: paid, a part of it days ago; or taken back. Before the night's accrual, or after it.
deeds = st.lists(
    st.tuples(
        st.integers(2, DAYS),
        st.booleans(),
        st.sampled_from(["A", "B"]),
        st.sampled_from(["17.01", "40.00", "250.00", "back"]),
        st.integers(0, 8),
    ),
    max_size=8,
)

# Every row by its own entry, and the other way by the entry that reversed it: no row stands for others.
PLAIN = f"""
    WITH booked AS (SELECT id FROM ledger_journalentry WHERE {ledger.IS_BOOKED}),
    moved AS (
        SELECT loan_id, entry_id, principal, interest, fees, overpaid, recovered FROM loans_transaction
        UNION ALL
        SELECT loan_id, reversal_id, -principal, -interest, -fees, -overpaid, -recovered FROM loans_transaction
        UNION ALL
        SELECT loan_id, entry_id, 0, amount, 0, 0, 0 FROM loans_accrual
        UNION ALL
        SELECT loan_id, reversal_id, 0, -amount, 0, 0, 0 FROM loans_accrual
    )
    SELECT loan.id, {", ".join(f"coalesce(sum({name}), 0)" for name in FIGURES)}
    FROM loans_loan loan LEFT JOIN (
        SELECT * FROM moved WHERE entry_id IN (SELECT id FROM booked)
    ) counting ON counting.loan_id = loan.id GROUP BY loan.id"""


def read(statement, day, due_at, scope=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, {"day": day, "due_at": due_at, **(scope or Scope()).parameters})
        return {loan_id: tuple(figures) for loan_id, *figures in cursor.fetchall()}


def moments():
    """Return every night at several times, and at the close of the day before."""
    for number in range(-1, DAYS + 2):
        day = START + timedelta(days=number)
        yield from ((day, None), (day, at(day, 1)), (day, at(day, 5)), (day, at(day, 23)))


def at(day, hour):
    return datetime.combine(day, time(hour), UTC)


def live(done):
    """Live through the days: in each the deeds before the night's accrual, the accrual of 02:00, and those after."""
    for number in range(1, DAYS + 1):
        today = START + timedelta(days=number)
        do(today, [deed for deed in done if deed[0] == number and not deed[1]], number)
        accrue_interest(business_date=today, due_at=at(today, 2))
        do(today, [deed for deed in done if deed[0] == number and deed[1]], number + 100)


def do(today, done, number):
    for count, (_, _, loan, what, days_ago) in enumerate(done):
        # A series at 06:00, or a clerk.
        booking = Booking(entry_date=today, due_at=at(today, 6) if days_ago % 3 == 0 else None)
        if what == "back":
            take_back(loan, booking)
        else:
            effective = max(STARTS[loan], today - timedelta(days=days_ago))
            with suppress(LoanClosedError):
                post_payment(
                    loan_number=loan,
                    amount=Decimal(what),
                    effective_date=effective,
                    reference=f"{loan} {number} {count}",
                    booking=booking,
                )


def take_back(loan, booking):
    paid = Payment.objects.filter(loan__number=loan, taken_back=None).order_by("id").last()
    if paid:
        reverse_payment(reference=paid.reference, reason="R01", booking=booking)


def world():
    for name, start in STARTS.items():
        make_loan(name, product=product("p"), principal=Decimal(100), rate=Decimal("0.18"), accrues_from=start)


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deeds)
@example([(3, True, "A", "40.00", 0), (5, False, "A", "17.01", 4), (6, True, "A", "back", 0)])
@example([(4, False, "A", "250.00", 3), (6, False, "A", "back", 0), (8, True, "B", "250.00", 6)])
def test_it_is_the_sum_of_every_row_by_its_entry_and_what_the_general_ledger_says(done):
    with transaction.atomic():
        world()
        live(done)
        for day, due_at in moments():
            found = read(as_booked(), day, due_at)
            assert found == read(PLAIN, day, due_at), (day, due_at)
            sums = [sum(column) for column in zip(*found.values(), strict=True)]
            books = ledger.as_booked(["LR", "IR", "FR", "OVP", "REC"], day=day, due_at=due_at)
            signed = [books.get("LR", 0), books.get("IR", 0), books.get("FR", 0), -books.get("OVP", 0), 0]
            assert sums == signed, (day, due_at)
        transaction.set_rollback(True)


def test_loans_named_one_by_one_or_by_a_query_are_told_alone():
    world()
    live([(3, True, "A", "40.00", 0), (5, False, "B", "17.01", 2)])
    day, due_at = START + timedelta(days=4), at(START + timedelta(days=4), 5)
    all_loans = read(as_booked(), day, due_at)
    loan_id = min(all_loans)
    named = Scope([loan_id])
    assert read(as_booked(named), day, due_at, named) == {loan_id: all_loans[loan_id]}
    few = f"WITH few AS (SELECT {loan_id} AS loan_id) SELECT * FROM ({as_booked(Scope(among='few'))}) booked"
    assert read(few, day, due_at) == {loan_id: all_loans[loan_id]}


def test_what_was_superseded_counts_until_it_was():
    world()
    live([(3, True, "A", "40.00", 0), (5, True, "A", "17.01", 4)])
    assert Transaction.objects.exclude(reversal=None).count() == 1
    paid = {day: read(as_booked(), START + timedelta(days=day), None) for day in (3, 4, 6)}
    a = min(paid[3])
    assert [paid[day][a][0] for day in (3, 4)] == [Decimal("100.00"), Decimal("60.15")]
    assert paid[6][a][0] != paid[4][a][0]
