"""Loans that fall behind, what is paid on them, and what the nights then find."""

from datetime import date, timedelta
from decimal import Decimal

from delinquency.models import Default, Standing
from delinquency.selectors import days_past_due
from delinquency.services import detect_defaults, run_engine
from loans.grid import days, months_between
from loans.models import Borrower, Instalment, Loan, Product, Transaction
from loans.services import coverage
from loans.services.booking import Booking, book_one

Kind = Transaction.Kind
D = Decimal


def make_product(code="plain", **terms):
    return Product.objects.get_or_create(code=code, day_count="30/360 US", defaults=terms)[0]


def make_loan(number="L1", dues=("2023-10-01",), amount="250.00", *, product=None, state="CA"):
    """Put a loan into the books whose whole plan is an `amount` on each of `dues`, all of it principal."""
    dues = [date.fromisoformat(due) for due in dues]
    start = dues[0] - timedelta(days=30)
    loan = Loan.objects.create(
        number=number,
        borrower=Borrower.objects.create(reference=number, state=state),
        product=product or make_product(),
        original_principal=D(amount) * len(dues),
        term_months=months_between(dues[0], dues[-1]) + 1,
        payment=amount,
        originated_on=start,
        first_due=dues[0],
        accrues_from=start,
    )
    for n, due in enumerate(dues, 1):
        add_instalment(loan, n, due, amount)
    move(loan, "disbursement", start, principal=D(amount) * len(dues))
    return loan


def add_instalment(loan, number, due, amount):
    """Plan one more."""
    return Instalment.objects.create(
        loan=loan,
        number=number,
        period_start=due - timedelta(days=30),
        due_date=due,
        principal=amount,
        interest="0.00",
        due_through=D(amount) * number,
    )


def move(loan, kind, day, **amounts):
    book_one(loan_id=loan.pk, kind=kind, effective_date=day, booking=Booking(entry_date=day), **amounts)


def pay(loan, day, principal, *, fees="0.00"):
    """Post a payment that is effective on `day`, split as its waterfall would have it."""
    move(loan, Kind.PAYMENT, day, principal=-D(principal), fees=-D(fees))
    coverage.settle(loan_ids=[loan.pk], since=day)


def take_back(loan, day, principal, *, fees="0.00"):
    """Take a payment back, on `day`."""
    move(loan, Kind.PAYMENT_REVERSAL, day, principal=D(principal), fees=D(fees))
    coverage.resettle(loan_ids=[loan.pk])


def night(day, **options):
    return run_engine(business_date=day, **options)


def nights(first, last):
    for day in days(first, last):
        assert night(day).quarantined == []


def judge(day, **options):
    """Run the night's engine and its detection of defaults."""
    night(day)
    return detect_defaults(business_date=day, **options)


def state(loan, day):
    """Return past-due days, days past due, delinquent days and bucket on `day`; None when it is current."""
    found = days_past_due(day, loan_ids=[loan.pk])
    return (found[0].past_due_days, found[0].dpd, found[0].delinquent_days, found[0].bucket) if found else None


def standings(loan=None):
    """Return (since, until, oldest due date, bucket) of what holds, in order."""
    rows = Standing.objects.filter(superseded_on=None, **({"loan": loan} if loan else {}))
    return list(rows.order_by("loan", "since").values_list("since", "until", "oldest_due", "bucket"))


def defaults(loan):
    """Return (cycle, date, reason, cure) of what holds, in order."""
    rows = Default.objects.filter(loan=loan, superseded_on=None).order_by("cycle_no")
    return list(rows.values_list("cycle_no", "defaulted_on", "reason", "cured_on"))
