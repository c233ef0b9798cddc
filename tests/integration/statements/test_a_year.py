"""A year of nights in which everything happens to loans: every statement adds up, and together they are the ledger."""

from collections import defaultdict
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from django.db import connection

from loans.models import Accrual, Closure, Loan, Transaction
from loans.selectors import balances
from loans.services.booking import book_one
from loans.services.closing import close
from payments.exceptions import BadEffectiveDateError, LoanClosedError
from payments.models import Payment
from statements import archives
from statements.exceptions import CycleUnchangedError
from statements.models import Cycle, Statement
from statements.periods import is_issued_on
from statements.services import set_cycle
from tests.integration.payments.money import ZERO, accrue, assert_tied, assess_fee, lend, on, pay, take_back
from tests.integration.statements.issued import SUMS, issue, periods

pytestmark = pytest.mark.usefixtures("books")

DAY = timedelta(days=1)
FIRST, LAST = date(2023, 12, 13), date(2024, 12, 31)
NUMBERS = [f"L{n}" for n in range(8)]


def due_cycles(day):
    return [cycle for cycle in Cycle.values if is_issued_on(cycle, day)]


def live(seed, *, backdating=True):
    """Live through the year: loans pay or do not, early, late and backdated, get fees, and end in every way."""
    random = Random(seed)
    for n, number in enumerate(NUMBERS):
        lend(number, principal=f"{500 + 250 * n}.00", rate="0.24", term=9 + n, start=date(2023, 12, 1 + 3 * (n % 4)))
    for number, cycle in (("L1", "quarterly"), ("L2", "biweekly")):
        set_cycle(loan_number=number, cycle=cycle, business_date=FIRST)
    day = FIRST
    while day <= LAST:
        accrue(day)
        for cycle in due_cycles(day):
            issue(day, cycle=cycle)
        for number in NUMBERS:
            happen(random, number, day, backdating=backdating)
        day += DAY


def happen(random, number, day, *, backdating):
    loan = Loan.objects.get(number=number)
    ended = Closure.objects.filter(loan=loan, reopened_on=None).first()
    chance = random.random()
    if chance < 0.004 and day > date(2024, 2, 1):
        set_cycle_to(random, number, day)
    elif chance < 0.03:
        back = random.randrange(40) if backdating and chance < 0.012 else 0
        effective = max(day - back * DAY, loan.originated_on)
        pay_if_open(random, number, effective, day)
    elif chance < 0.034:
        payments = list(Payment.objects.filter(loan=loan, taken_back=None).order_by("reference"))
        payment = random.choice(payments) if payments else None
        if payment and not (ended and ended.reason == "charged off"):
            take_back(payment, max(payment.effective_date, day))
    elif chance < 0.042 and not ended:
        assess_fee(loan, "15.00", day, reference=f"{number} {day}")
    elif chance < 0.0425 and not ended and day > date(2024, 6, 1):
        charge_off(loan, day)


def set_cycle_to(random, number, day):
    with suppress(CycleUnchangedError):
        set_cycle(loan_number=number, cycle=random.choice(Cycle.values), business_date=day)


def pay_if_open(random, number, effective, day):
    amount = random.choice(["20.00", "80.00", "150.37", "700.00"])
    with suppress(LoanClosedError, BadEffectiveDateError):
        pay(amount, effective, posted=day, loan=number, reference=f"{number} {day}")


def charge_off(loan, day):
    owed = balances(day, [loan.pk])[loan.pk]
    book_one(
        loan_id=loan.pk,
        kind="charge-off",
        effective_date=day,
        principal=-owed.principal,
        interest=-owed.interest,
        fees=-owed.fees,
        booking=on(day),
    )
    close(loan_ids=[loan.pk], closed_on=day, reason="charged off", booking=on(day))


def booked(loan):
    """Yield what moved a loan's balance: entry date, the day it counts for, kind, amount; row by row, without SQL."""
    for row in Transaction.objects.filter(loan=loan).select_related("entry", "reversal"):
        amount = row.principal + row.interest + row.fees - row.overpaid
        yield row.entry.entry_date, row.effective_date, row.kind, amount
        if row.reversal:
            yield row.reversal.entry_date, row.effective_date, row.kind, -amount
    for row in Accrual.objects.filter(loan=loan).select_related("entry", "reversal"):
        yield row.entry.entry_date, row.accrual_date, "interest", row.amount
        if row.reversal:
            yield row.reversal.entry_date, row.accrual_date, "interest", -row.amount


NAMES = {
    "disbursement": ("charges", 1),
    "interest": ("interest", 1),
    "fee": ("fees", 1),
    "payment": ("payments", -1),
    "payment reversal": ("payments", -1),
    "charge-off": ("charged_off", -1),
}


def expected(rows, start, end):
    """Return what a statement must say, computed from the rows alone."""
    sums = defaultdict(lambda: ZERO)
    for entry_date, day, kind, amount in rows:
        if entry_date <= end:
            sums["closing"] += amount
        if entry_date < start:
            sums["opening"] += amount
        elif entry_date <= end:
            name, sign = NAMES[kind] if day >= start else ("adjustments", 1)
            sums[name] += sign * amount
    return {name: sums[name] for name in SUMS}


@pytest.mark.parametrize("seed", [1, 2])
def test_every_statement_adds_up_and_together_they_are_the_ledger(seed):
    live(seed)
    assert_tied()
    kinds = {kind for pair in Statement.objects.values_list("ending", "cycle") for kind in pair}
    assert kinds >= {"", "fully paid", "monthly", "biweekly", "quarterly"}
    assert Statement.objects.exclude(adjustments=0).exists()
    for number in NUMBERS:
        stated = list(Statement.objects.filter(loan__number=number).select_related("loan").order_by("period_end"))
        rows = list(booked(stated[0].loan))
        for one in stated:
            assert {name: getattr(one, name) for name in SUMS} == expected(rows, one.period_start, one.period_end), one
        for before, after in pairwise(stated):
            assert (after.period_start, after.opening) == (before.period_end + DAY, before.closing)
        assert (stated[0].period_start, stated[0].opening) == (stated[0].loan.originated_on, ZERO)
        last = stated[-1]
        moved = sum((one.closing - one.opening for one in stated), ZERO)
        assert moved == last.closing == sum(amount for entry, *_, amount in rows if entry <= last.period_end)


def said():
    """Return all that statements say, and the bytes of their documents."""
    rows = Statement.objects.select_related("loan").order_by("loan__number", "period_end")
    left_out = {"id", "stored_in", "run_id", "due_at"}
    figures = [field.attname for field in Statement._meta.fields if field.attname not in left_out]
    return [([getattr(row, name) for name in figures], archives.read(row)) for row in rows]


def test_caught_up_after_a_year_statements_are_the_same_bytes_as_in_time():
    live(3, backdating=False)
    in_time, files = said(), set(Statement.objects.values_list("stored_in", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM statements_delivery; DELETE FROM statements_statement")
    day = FIRST
    while day <= LAST:
        for cycle in due_cycles(day):
            issue(day, cycle=cycle)
        day += DAY
    assert said() == in_time
    assert set(Statement.objects.values_list("stored_in", flat=True)) == files
    assert periods("L0")[0] == "2023-12-01..2023-12-31"
