"""What comes in late counts as if it had come in time: row for row, whatever had happened since."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.models import JournalEntry
from loans.models import Accrual, Closure, Instalment, Transaction
from loans.selectors.past_due import PAST_DUE
from loans.services.booking import book_one
from payments.models import Payment
from payments.services import waive_fee
from tests.integration.payments.money import (
    START,
    accrue,
    assert_tied,
    assess_fee,
    closure,
    days,
    lend,
    living,
    on,
    owed,
    pay,
    split,
    take_back,
)

pytestmark = pytest.mark.usefixtures("books")

D, DAY = Decimal, timedelta(days=1)
JAN_20, FEB_1, FEB_5, FEB_20, MAR_10 = (
    date(2024, 1, 20),
    date(2024, 2, 1),
    date(2024, 2, 5),
    date(2024, 2, 20),
    date(2024, 3, 10),
)


def told(loan):
    """Return a loan's living rows, its number left out of the references."""
    rows = living(loan)
    movements = [
        (kind, day, reference.removeprefix(loan.number), *amounts)
        for kind, day, reference, *amounts in rows["movements"]
    ]
    return rows | {"movements": movements, "past due": [past_due(loan, day) for day in days(START, START + 70 * DAY)]}


def past_due(loan, day):
    """Return the numbers of the instalments that a night finds past due."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number FROM ({PAST_DUE}) p WHERE loan_id = %(loan)s", {"day": day, "loan": loan.pk})
        return sorted(number for (number,) in cursor.fetchall())


def test_the_days_after_it_are_written_anew():
    loan = lend()
    accrue(FEB_20)
    pay("17.01", FEB_1, posted=FEB_20)
    rows = Accrual.objects.filter(loan=loan, reversal=None)
    assert rows.count() == 50
    assert [str(row.principal) for row in rows.filter(accrual_date__in=[FEB_1, date(2024, 2, 2)])] == [
        "100.00",
        "83.57",
    ]
    assert Accrual.objects.filter(loan=loan).exclude(reversal=None).count() == 19
    assert_tied()


def test_it_is_booked_on_the_processing_date_and_nothing_older_changes():
    lend()
    accrue(FEB_20)
    before = set(JournalEntry.objects.values_list("id", flat=True))
    pay("17.01", FEB_1, posted=FEB_20)
    new = JournalEntry.objects.exclude(id__in=before)
    assert {entry.entry_date for entry in new} == {FEB_20}
    assert sorted(new.values_list("kind", flat=True)) == ["interest-accrual", "interest-accrual reversal", "payment"]


def test_a_later_payment_is_spent_anew():
    loan = lend()
    accrue(FEB_5)
    later = pay("17.01", FEB_5)
    assert split(later) == ("16.43", "0.58", "0.00", "0.00", "0.00")
    accrue(FEB_20)
    pay("17.01", FEB_1, posted=FEB_20)
    # The first instalment is covered now, so the later one pays the interest since and principal ahead.
    assert split(later) == ("16.94", "0.07", "0.00", "0.00", "0.00")
    superseded = Transaction.objects.get(reference=later.reference, reversal__isnull=False)
    assert superseded.reversal.mirrors == superseded.entry
    assert [i.settled_on for i in Instalment.objects.filter(loan=loan).order_by("number")][:3] == [FEB_1, FEB_5, None]
    assert_tied()


def test_a_payoff_comes_earlier_and_the_rest_of_the_later_payment_is_overpaid():
    loan = lend()
    accrue(FEB_5)
    payoff = pay("101.00", FEB_5)
    accrue(FEB_20)
    pay("50.00", FEB_1, posted=FEB_20)
    assert split(payoff) == ("50.58", "0.04", "0.00", "50.38", "0.00")
    assert closure(loan) == (FEB_5, "fully paid")
    pay("60.00", JAN_20, posted=FEB_20)
    assert split(payoff)[3] != "50.38"
    assert_tied()


def test_a_loan_that_ends_earlier_loses_its_later_rows():
    loan = lend()
    accrue(FEB_5)
    payoff = pay("101.00", FEB_5)
    accrue(FEB_20)
    pay("100.58", FEB_1, posted=FEB_20)
    assert closure(loan) == (FEB_1, "fully paid")
    assert split(payoff) == ("0.00", "0.00", "0.00", "101.00", "0.00")
    assert Accrual.objects.filter(loan=loan, reversal=None).latest("accrual_date").accrual_date == FEB_1
    assert [end.closed_on for end in Closure.objects.filter(loan=loan, reopened_on=None)] == [FEB_1]
    assert_tied()


def test_a_later_return_mirrors_what_its_payment_is_spent_on_now():
    lend()
    accrue(FEB_5)
    later = pay("17.01", FEB_5)
    accrue(FEB_20)
    take_back(later, FEB_20)
    pay("17.01", FEB_1, posted=FEB_20)
    reversal = Transaction.objects.get(kind="payment reversal", reversal=None)
    assert (reversal.principal, reversal.interest) == (D("16.94"), D("0.07"))
    assert_tied()


def test_what_was_waived_since_is_not_paid_too():
    loan = lend(waterfall="fees first")
    assess_fee(loan, "5.00", JAN_20, reference="F1")
    assess_fee(loan, "7.00", JAN_20, reference="F2")
    accrue(FEB_5)
    book_one(loan_id=loan.pk, kind="waiver", effective_date=FEB_5, booking=on(FEB_5), fees=D("-5.00"), reference="F1")
    late = pay("10.00", FEB_1, posted=FEB_5)
    assert split(late) == ("2.42", "0.58", "7.00", "0.00", "0.00")
    assert owed(loan, FEB_5)[2] == "0.00"
    assert_tied()


def test_a_loan_whose_rest_was_waived_ends_again():
    loan, maturity = lend(), date(2024, 7, 1)
    assess_fee(loan, "5.00", FEB_1, reference="F1")
    accrue(maturity)
    last = pay("103.48", maturity)
    waive_fee(fee="F1", reason="goodwill", booking=on(date(2024, 7, 5)))
    assert closure(loan) == (date(2024, 7, 5), "fully paid")
    pay("1.00", date(2024, 6, 15), posted=date(2024, 7, 9))
    # As if the fee had never been asked for: the last payment leaves nothing owed, and something over.
    assert closure(loan) == (maturity, "fully paid")
    assert split(last)[2:4] == ("0.00", "1.00")
    assert_tied()


amounts = st.integers(1, 2500).map(lambda cents: D(cents).scaleb(-2))
arrivals = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12), amounts), min_size=1, max_size=4)
returns = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 5)), max_size=2)


@settings(max_examples=8, deadline=None)
@given(arrivals=arrivals, returns=returns, waterfall=st.sampled_from(["instalments first", "fees first"]))
# The late payment covers an instalment that a return has opened again by the time it comes.
@example(
    arrivals=[(0, 0, D("0.01")), (0, 0, D("5.79")), (31, 0, D("8.62")), (31, 7, D("3.45"))],
    returns=[(2, 0, 0)],
    waterfall="instalments first",
)
def test_late_is_as_in_time(arrivals, returns, waterfall):
    """Payments, some of them taken back: on one loan posted some days later, on the other in time."""
    with transaction.atomic():
        late, timely = lend("late", waterfall=waterfall), lend("timely", waterfall=waterfall)
        for loan in (late, timely):
            assess_fee(loan, "3.00", START + timedelta(days=10), reference="fee")
        events = _events(arrivals, returns)
        for name, when in (("late", "posted"), ("timely", "effective")):
            payments = {}
            # What counts from one day counts in the order in which it was posted.
            for event in sorted(events, key=lambda e: (e[when], e["posted"], e["kind"], e["order"])):
                accrue(event[when])
                _do(event, name, payments, posted=event[when])
                assert_tied()
        accrue(START + timedelta(days=70))
        assert_tied()
        assert told(late) == told(timely)
        transaction.set_rollback(True)


def _events(arrivals, returns):
    """Return payments and returns, each with the day from which it counts and the day on which it is posted."""
    events = []
    for n, (day, delay, amount) in enumerate(arrivals):
        events.append(
            {"kind": "a payment", "order": n, "effective": day, "posted": day + delay, "amount": amount, "of": n}
        )
    for order, (which, later, delay) in enumerate(returns):
        paid = events[which % len(arrivals)]
        if any(event["kind"] == "return" and event["of"] == paid["of"] for event in events):
            continue
        day = paid["posted"] + 1 + later
        events.append({"kind": "return", "order": order, "effective": day, "posted": day + delay, "of": paid["of"]})
    for event in events:
        for when in ("effective", "posted"):
            event[when] = START + timedelta(days=event[when])
    return events


def _do(event, loan, payments, *, posted):
    if event["kind"] == "a payment":
        reference = f"{loan}{event['of']}"
        payments[event["of"]] = pay(event["amount"], event["effective"], posted=posted, reference=reference, loan=loan)
    else:
        take_back(payments[event["of"]], event["effective"], posted=posted)


def test_each_payment_is_there_once():
    lend()
    accrue(FEB_20)
    for n in range(3):
        pay("5.00", FEB_1 + timedelta(days=n), posted=FEB_20)
    assert Payment.objects.count() == 3
    assert Transaction.objects.filter(kind="payment", reversal=None).count() == 3
