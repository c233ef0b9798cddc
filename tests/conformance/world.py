"""A small portfolio in which every job of the night has something to do in the first nights of 2024.

A job that is new in the catalog gets its loans here: the contract refuses one that has nothing to do.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

from common.money import to_cents
from loans.daycount import DayCount
from loans.grid import add_months
from loans.models import Borrower, Instalment, Loan, Product, RateSegment
from loans.schedule import RateFrom, amortise, level_payment, period_factor
from loans.services import accrue_interest
from loans.services.booking import Booking, book_one

#: When the tenant's books begin, and the nights that follow: over a weekend, a bank holiday and a month's first days.
EVE = datetime(2023, 12, 31, 12, tzinfo=UTC)
NIGHTS = [date(2024, 1, day) for day in range(1, 6)]
LAST = NIGHTS[-1]


def build():
    """Put the portfolio into the tenant's schema that the connection is in."""
    ordinary_loans()
    accrue_interest(business_date=EVE.date())


def ordinary_loans():
    """Two loans of every day count, LN-01 to LN-12, that pay on the 1st or the 15th; one accrues since yesterday."""
    for number, day_count in enumerate([*DayCount, *DayCount], start=1):
        accrues_from = EVE.date() if number == 1 else date(2023, 12, 1 if number % 2 else 15)
        make_loan(
            f"LN-{number:02}",
            product=product(f"plain {day_count}", day_count=day_count),
            principal=Decimal(1000 * number) + Decimal("0.37"),
            rate=Decimal("0.0499") + Decimal(number) / 100,
            accrues_from=accrues_from,
        )


def product(code, **terms):
    """Return the product of that code, made with these terms where there is none."""
    return Product.objects.get_or_create(code=code, defaults={"day_count": DayCount.THIRTY_360_US, **terms})[0]


def make_loan(number, *, product, principal, rate, accrues_from, term=12):
    """Put a loan into the books that was disbursed on `accrues_from`, with its plan of level payments."""
    dues = [add_months(accrues_from, month) for month in range(term + 1)]
    rates = [RateFrom(effective_from=accrues_from, rate=rate)]
    factors = [
        period_factor(day_count=product.day_count, start=start, due=due, rates=rates, maturity=dues[-1])
        for start, due in pairwise(dues)
    ]
    payment = to_cents(level_payment(principal, factors))
    loan = Loan.objects.create(
        number=number,
        borrower=Borrower.objects.create(reference=number, state="CA"),
        product=product,
        original_principal=principal,
        term_months=term,
        payment=payment,
        originated_on=accrues_from,
        first_due=dues[1],
        accrues_from=accrues_from,
    )
    RateSegment.objects.create(loan=loan, rate=rate, effective_from=accrues_from)
    plan(loan, dues, amortise(principal=principal, factors=factors, payment=payment))
    book_one(
        loan_id=loan.pk,
        kind="disbursement",
        effective_date=accrues_from,
        principal=principal,
        booking=Booking(entry_date=accrues_from),
    )
    return loan


def plan(loan, dues, lines):
    """Write the loan's instalments."""
    due_through = Decimal("0.00")
    for number, line in enumerate(lines, start=1):
        due_through += line.payment
        Instalment.objects.create(
            loan=loan,
            number=number,
            period_start=dues[number - 1],
            due_date=dues[number],
            principal=line.principal,
            interest=line.interest,
            due_through=due_through,
        )
