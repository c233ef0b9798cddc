"""What tests put into the books and read back."""

from datetime import date, timedelta
from decimal import Decimal

from ledger.models import JournalLine
from ledger.services import open_entry
from loans.daycount import DayCount
from loans.grid import add_months
from loans.models import Accrual, Borrower, Loan, Product, RateSegment, Transaction
from loans.services import accrue_interest

START = date(2024, 1, 1)


def make_loan(
    number="L1",
    *,
    principal="100.00",
    rate="0.07",
    day_count=DayCount.THIRTY_360_US,
    rounding="HALF_EVEN",
    start=START,
    first_due=None,
    term=6,
):
    """Put a loan into the books that owes `principal` and accrues from `start`; no rate when it is None."""
    product, _ = Product.objects.get_or_create(code=f"{day_count} {rounding}", day_count=day_count, rounding=rounding)
    loan = Loan.objects.create(
        number=number,
        borrower=Borrower.objects.create(reference=number, state="CA"),
        product=product,
        original_principal="1000.00",
        term_months=term,
        payment="17.01",
        originated_on=start,
        first_due=first_due or add_months(start, 1),
        accrues_from=start,
    )
    if rate is not None:
        set_rate(loan, rate, start)
    move(loan, principal, start)
    return loan


def set_rate(loan, rate, effective_from):
    """Let a rate price the days after `effective_from`."""
    return RateSegment.objects.create(loan=loan, rate=rate, effective_from=effective_from)


def move(loan, principal, effective_date):
    """Change what the loan owes, at the close of `effective_date`."""
    entry = open_entry(entry_date=effective_date, kind="test")
    return Transaction.objects.create(
        loan=loan, kind="boarding", effective_date=effective_date, principal=principal, entry=entry
    )


def accrue(day, **options):
    """Run the night of `day`."""
    return accrue_interest(business_date=day, **options)


def days(first, last):
    """Return the dates from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def amounts(loan, first, last):
    """Return the loan's interest in cents for every day from `first` to `last`; None for a day without a row."""
    rows = dict(Accrual.objects.filter(loan=loan, reversal=None).values_list("accrual_date", "amount"))
    return [int(rows[day] * 100) if day in rows else None for day in days(first, last)]


def total(loan, first, last):
    """Return the interest of the days from `first` to `last`."""
    rows = Accrual.objects.filter(loan=loan, accrual_date__range=(first, last), reversal=None)
    return sum((row.amount for row in rows), Decimal("0.00"))


def accruals():
    """Return all rows of interest that count, without what names the writing run."""
    columns = [field.attname for field in Accrual._meta.fields if field.attname not in {"id", "entry_id", "due_at"}]
    return list(Accrual.objects.filter(reversal=None).order_by("loan_id", "accrual_date").values_list(*columns))


def turnover(account):
    """Return what was debited less what was credited to an account."""
    return sum((line.debit - line.credit for line in JournalLine.objects.filter(account=account)), Decimal("0.00"))
