"""Loans with a plan, and what tests read of it."""

from datetime import date

from common.money import to_cents
from loans.grid import add_months
from loans.models import Instalment
from loans.schedule import RateFrom, amortise, level_payment, period_factor
from loans.services.booking import Booking, book_one
from loans.services.coverage import settle
from tests.integration.loans.books import START, make_loan


def make_planned(number="L1", *, principal="100.00", rate="0.07", term=6, start=START, payment=None, **options):
    """Put a loan into the books with a level plan (`loans.schedule` is tested by itself)."""
    loan = make_loan(number, principal=principal, rate=rate, term=term, start=start, **options)
    loan.refresh_from_db()
    dues = [add_months(loan.first_due, n) for n in range(term)]
    starts = [start, *dues[:-1]]
    rates = [RateFrom(effective_from=start, rate=loan.ratesegment_set.get().rate)]
    factors = [
        period_factor(day_count=loan.product.day_count, start=begin, due=due, rates=rates)
        for begin, due in zip(starts, dues, strict=True)
    ]
    owed = loan.transaction_set.get().principal
    lines = amortise(principal=owed, factors=factors, payment=to_cents(level_payment(owed, factors)))
    through = 0
    for n, line in enumerate(lines):
        through += line.payment
        Instalment.objects.create(
            loan=loan,
            number=n + 1,
            period_start=starts[n],
            due_date=dues[n],
            principal=line.principal,
            interest=line.interest,
            due_through=through,
        )
    return loan


def pay(loan, principal, interest, effective_date):
    """Take a payment as it was split elsewhere."""
    book_one(
        loan_id=loan.pk,
        kind="payment",
        effective_date=effective_date,
        principal=-principal,
        interest=-interest,
        booking=Booking(entry_date=effective_date),
    )
    settle(loan_ids=[loan.pk], since=effective_date)


def pay_instalments(loan, numbers):
    """Pay instalments of the plan in force, each on its due date, as planned."""
    for one in plan(loan).filter(number__in=numbers):
        pay(loan, one.principal, one.interest, one.due_date)


def plan(loan):
    """Return the instalments in force, in order."""
    return Instalment.objects.filter(loan=loan, superseded_on=None).order_by("number")


def payments(loan):
    """Return the planned payments."""
    return [str(one.principal + one.interest) for one in plan(loan)]


def interest(loan):
    """Return the planned interest."""
    return [str(one.interest) for one in plan(loan)]


def day(month, dom, year=2024):
    """Return a day of 2024."""
    return date(year, month, dom)
