"""A small portfolio in which every job of the night has something to do in the first nights of 2024.

A job that is new in the catalog gets its loans here: the contract refuses one that has nothing to do.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

from common.money import to_cents
from loans.daycount import DayCount
from loans.grid import add_months
from loans.models import Borrower, IndexValue, Instalment, Loan, Product, RateIndex, RateSegment, VariableTerms
from loans.schedule import RateFrom, amortise, level_payment, period_factor
from loans.services import accrue_interest
from loans.services.booking import Booking, book_one

#: When the tenant's books begin, and the nights that follow: a bank holiday and a month's first days.
EVE = datetime(2023, 12, 31, 12, tzinfo=UTC)
NIGHTS = [date(2024, 1, day) for day in range(1, 6)]
LAST = NIGHTS[-1]


def build():
    """Put the portfolio into the tenant's schema that the connection is in."""
    ordinary_loans()
    late_loans()
    variable_loans()
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


def late_loans():
    """Loans that nobody pays: on 2 January, LATE-1 is 90 days past due, and LATE-2 120."""
    for number, accrues_from in enumerate([date(2023, 9, 4), date(2023, 8, 4)], start=1):
        make_loan(
            f"LATE-{number}",
            product=product("late"),
            principal=Decimal("2500.00"),
            rate=Decimal("0.18"),
            accrues_from=accrues_from,
        )


def variable_loans():
    """A loan whose rate is fixed on 2 January for a reset of 16 February."""
    index = RateIndex.objects.create(code="SOFR")
    IndexValue.objects.create(index=index, published_on=date(2023, 12, 29), value=Decimal("0.0538"))
    loan = make_loan(
        "VAR-1",
        product=product("variable"),
        principal=Decimal("9000.00"),
        rate=Decimal("0.06"),
        accrues_from=date(2023, 12, 5),
        term=24,
    )
    VariableTerms.objects.create(
        loan=loan, index=index, margin=Decimal("0.03"), periodic_cap=Decimal("0.02"), first_reset=date(2024, 2, 16)
    )


def product(code, **terms):
    """Return the product of that code, made with these terms where there is none."""
    return Product.objects.get_or_create(code=code, defaults={"day_count": DayCount.THIRTY_360_US, **terms})[0]


def make_loan(number, *, product, principal, rate, accrues_from, term=12):
    """Put a loan into the books that was disbursed on `accrues_from`, with its plan of level payments."""
    dues = due_dates(accrues_from, term)
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


def due_dates(accrues_from, term=12):
    """Return the start of the first period and the ends of all, on the grid of the first due date."""
    first_due = add_months(accrues_from, 1)
    return [accrues_from, *(add_months(first_due, month) for month in range(term))]


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
