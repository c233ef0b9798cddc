"""A small portfolio in which every job of the night has something to do in the first nights of 2024.

A job that is new in the catalog gets its loans here: the contract refuses one that has nothing to do.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from django.conf import settings

from common.money import to_cents
from fees.models import FeeDefinition
from loans.daycount import DayCount
from loans.grid import add_months
from loans.identity import Identity, sealed
from loans.models import (
    Borrower,
    Forbearance,
    IndexValue,
    Instalment,
    Loan,
    Product,
    Promo,
    RateIndex,
    RateSegment,
    VariableTerms,
)
from loans.schedule import RateFrom, amortise, level_payment, period_factor
from loans.services import accrue_interest, grant_forbearance, grant_promo
from loans.services.booking import Booking, book_one
from payments.models import Autopay, BankAccount, Company, Series
from payments.services import post_payment, reverse_payment

#: When the tenant's books begin, and the nights that follow: a bank holiday and a month's first days.
EVE = datetime(2023, 12, 31, 12, tzinfo=UTC)
DECEMBER = Booking(entry_date=EVE.date())
NIGHTS = [date(2024, 1, day) for day in range(1, 6)]
LAST = NIGHTS[-1]
ROUTING = "231380104"


def build():
    """Put the portfolio into the tenant's schema that the connection is in."""
    ordinary_loans()
    late_loans()
    variable_loans()
    promised_loans()
    loans_with_fees()
    forborne_loans()
    loans_with_series()
    loans_with_autopay()
    accrue_interest(business_date=EVE.date())
    past_payments()


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


def promised_loans():
    """Two loans whose promotion ends on 1 January; one deferred its interest, which is then charged."""
    for number, kind in enumerate(Promo.Kind, start=1):
        loan = make_loan(
            f"PRO-{number}",
            product=product("promised"),
            principal=Decimal("4000.00"),
            rate=Decimal("0.24"),
            accrues_from=date(2023, 11, 20),
        )
        grant_promo(
            loan_number=loan.number,
            rate=Decimal("0.00") if kind == Promo.Kind.DEFERRED_INTEREST else Decimal("0.01"),
            starts_on=date(2023, 11, 25),
            ends_on=date(2024, 1, 1),
            booking=Booking(entry_date=date(2023, 11, 25)),
            kind=kind,
        )


def loans_with_fees():
    """Two loans whose grace is over on 1 January, and two that pay a fee on the 2nd of every month."""
    for number in (1, 2):
        make_loan(
            f"FEE-{number}",
            product=product("late fees", late_fee_flat=Decimal("15.00"), late_fee_grace=15),
            principal=Decimal("1500.00"),
            rate=Decimal("0.10"),
            accrues_from=date(2023, 11, 17),
        )
        loan = make_loan(
            f"SVC-{number}",
            product=product("serviced"),
            principal=Decimal("800.00"),
            rate=Decimal("0.10"),
            accrues_from=date(2023, 12, 2),
        )
        FeeDefinition.objects.create(
            code="servicing", loan=loan, amount=Decimal("3.50"), every_months=1, starts_on=loan.originated_on
        )


def forborne_loans():
    """A loan for each way to treat arrears, whose forbearance ends on 1 January; and one to be told of its end."""
    told_from = date(2024, 1, 2) + timedelta(days=settings.MATINS_FORBEARANCE_NOTICE_DAYS)
    ends = [date(2024, 1, 1), date(2024, 1, 1), date(2024, 1, 1), told_from]
    for number, (arrears, ends_on) in enumerate(zip([*Forbearance.Arrears, "lump"], ends, strict=True), start=1):
        loan = make_loan(
            f"FOR-{number}",
            product=product("forborne"),
            principal=Decimal("3000.00"),
            rate=Decimal("0.12"),
            accrues_from=date(2023, 11, 10),
        )
        grant_forbearance(
            loan_number=loan.number,
            starts_on=date(2023, 12, 5),
            ends_on=ends_on,
            booking=Booking(entry_date=date(2023, 12, 5)),
            arrears=arrears,
        )


def loans_with_series():
    """Two loans that are paid by series: every Tuesday, and on the last day of the month, rolled over the holiday."""
    rules = [(Series.Frequency.WEEKLY, date(2024, 1, 2)), (Series.Frequency.LAST_DAY, date(2023, 12, 31))]
    for number, (frequency, anchor) in enumerate(rules, start=1):
        loan = make_loan(
            f"SER-{number}",
            product=product("by series"),
            principal=Decimal("2000.00"),
            rate=Decimal("0.08"),
            accrues_from=date(2023, 12, 8),
        )
        Series.objects.create(
            reference=f"{loan.number} by series",
            loan=loan,
            amount=Decimal("55.55"),
            frequency=frequency,
            anchor=anchor,
            starts_on=date(2023, 12, 20),
        )


def loans_with_autopay():
    """Three loans whose instalments are drafted: one is due on 3 January, the others on the 4th."""
    Company.objects.create(
        company_name="WORLD LENDING", company_id="1234567890", bank_routing="091000019", bank_name="WORLD BANK"
    )
    for number, day in enumerate((3, 4, 4), start=1):
        loan = make_loan(
            f"AUT-{number}",
            product=product("drafted"),
            principal=Decimal("6000.00"),
            rate=Decimal("0.09"),
            accrues_from=date(2023, 12, day),
        )
        account = BankAccount.objects.create(
            borrower=loan.borrower,
            holder=f"Holder {number}",
            routing_number=ROUTING,
            account_number=f"00012345{number}",
        )
        Autopay.objects.create(loan=loan, account=account, authorised_on=loan.originated_on)


def past_payments():
    """One that came early, one that was taken back, and one that paid a loan off."""
    for number, amount in (("LN-03", "300.00"), ("LN-05", "500.00"), ("LN-09", "9999.00")):
        post_payment(loan_number=number, amount=Decimal(amount), reference=f"{number} in December", booking=DECEMBER)
    reverse_payment(reference="LN-05 in December", reason="R01", booking=DECEMBER)


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
        borrower=Borrower.objects.create(reference=number, state="CA", sealed_identity=sealed(somebody(number))),
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


def somebody(number):
    """Return who owes a loan; an SSN that begins with 9 was never issued."""
    return Identity(
        surname="Borrower",
        first_name=f"Of {number}",
        ssn=f"9{sum(map(ord, number)):08}",
        birth_date=date(1985, 5, 17),
        phone="2025550123",
        email=f"{number.lower()}@example.com",
        address_1="1 Main St",
        city="Fresno",
        state="CA",
        zip="93650",
    )


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
