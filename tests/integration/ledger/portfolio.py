"""Loans whose books tie, for tests that then put a cent where it does not belong."""

from datetime import date
from decimal import Decimal

from loans.models import Borrower, Loan, Product, RateSegment
from loans.services import accrue_interest
from loans.services.booking import Booking, book_one
from loans.services.reconciliation import reconcile

START = date(2024, 1, 1)


def make_loan(number, *, principal="10000.00", rate="0.12", start=START):
    """Put a loan into the books that was disbursed and accrues from `start`, 30/360."""
    product, _ = Product.objects.get_or_create(code="30/360", day_count="30/360 US")
    loan = Loan.objects.create(
        number=number,
        borrower=Borrower.objects.create(reference=number, state="CA"),
        product=product,
        original_principal=principal,
        term_months=12,
        payment="888.49",
        originated_on=start,
        first_due=start.replace(month=start.month + 1),
        accrues_from=start,
    )
    RateSegment.objects.create(loan=loan, rate=rate, effective_from=start)
    pay(loan, day=start, kind="disbursement", principal=Decimal(principal))
    return loan


def pay(loan, *, day, kind="payment", effective_date=None, **amounts):
    """Book a movement of a loan."""
    booking = Booking(entry_date=day)
    book_one(loan_id=loan.id, kind=kind, effective_date=effective_date or day, booking=booking, **amounts)


def accrue(*days):
    """Run the accrual of these nights."""
    for day in days:
        assert accrue_interest(business_date=day).quarantined == []


def breaks(day, **options):
    """Reconcile a night and return what it found: what, account, loan, and found less expected in cents."""
    from loans.models import Break

    reconcile(business_date=day, **options)
    found = Break.objects.filter(reconciliation__business_date=day).order_by("id")
    return [(one.what, one.account, one.loan_number, int((one.found - one.expected) * 100)) for one in found]
