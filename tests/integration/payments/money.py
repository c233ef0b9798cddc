"""Loans with a plan, and what tests do with them day by day."""

from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from django.db.models import Sum

from common.money import to_cents
from ledger.models import JournalLine
from loans.grid import add_months
from loans.models import Accrual, Borrower, Closure, Instalment, Loan, Product, RateSegment, Transaction
from loans.schedule import RateFrom, amortise, level_payment, period_factor
from loans.selectors import balances
from loans.services import accrue_interest
from loans.services.booking import Booking, book_one
from payments.services import post_payment, reverse_payment

START = date(2024, 1, 1)
D = Decimal
ZERO = D("0.00")


def lend(number="L1", *, principal="100.00", rate="0.07", term=6, start=START, day_count="30/360 US", **terms):
    """Disburse a loan with a plan of level instalments, due monthly from `start`."""
    code = sha256(repr(sorted({"day_count": day_count, **terms}.items())).encode()).hexdigest()[:40]
    product, _ = Product.objects.get_or_create(code=code, day_count=day_count, defaults=terms)
    dues = [add_months(start, n) for n in range(1, term + 1)]
    starts = [start, *dues[:-1]]
    rates = [RateFrom(effective_from=start, rate=D(rate))]
    factors = [
        period_factor(day_count=day_count, start=begin, due=due, rates=rates)
        for begin, due in zip(starts, dues, strict=True)
    ]
    payment = to_cents(level_payment(D(principal), factors))
    loan = Loan.objects.create(
        number=number,
        borrower=Borrower.objects.create(reference=number, state="CA"),
        product=product,
        original_principal=principal,
        term_months=term,
        payment=payment,
        originated_on=start,
        first_due=add_months(start, 1),
        accrues_from=start,
    )
    RateSegment.objects.create(loan=loan, rate=rate, effective_from=start)
    through = ZERO
    for n, line in enumerate(amortise(principal=D(principal), factors=factors, payment=payment)):
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
    book_one(loan_id=loan.pk, kind="disbursement", effective_date=start, booking=on(start), principal=D(principal))
    return loan


def on(day):
    """Return the booking of a business date, by hand."""
    return Booking(entry_date=day)


def accrue(day):
    """Write the interest of every day up to one."""
    assert accrue_interest(business_date=day).quarantined == []


def pay(amount, day, *, posted=None, reference=None, loan="L1", **options):
    """Post a payment effective on a day, posted on the same or a later one."""
    return post_payment(
        loan_number=loan,
        amount=D(amount),
        reference=reference or f"{loan} {day} {amount}",
        effective_date=day,
        booking=on(posted or day),
        **options,
    )


def take_back(payment, day, *, posted=None, reason="R01"):
    """Take a payment back on a day."""
    return reverse_payment(reference=payment.reference, reason=reason, effective_date=day, booking=on(posted or day))


def assess_fee(loan, amount, day, reference="fee"):
    """Let a loan owe a fee."""
    book_one(loan_id=loan.pk, kind="fee", effective_date=day, booking=on(day), fees=D(amount), reference=reference)


def days(first, last):
    """Return the dates from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def split(payment):
    """Return what a payment was spent on: principal, interest, fees, overpaid, recovered."""
    movement = Transaction.objects.get(kind="payment", reference=payment.reference, reversal=None)
    return tuple(
        str(amount)
        for amount in (-movement.principal, -movement.interest, -movement.fees, movement.overpaid, movement.recovered)
    )


def owed(loan, day):
    """Return what is owed at the close of a day: principal, interest, fees."""
    balance = balances(day, [loan.pk])[loan.pk]
    return tuple(f"{amount:.2f}" for amount in (balance.principal, balance.interest, balance.fees))


def closure(loan):
    """Return when and why a loan ended, or None."""
    end = Closure.objects.filter(loan=loan, reopened_on=None).first()
    return end and (end.closed_on, end.reason)


def general_ledger():
    """Return the debit balances of the accounts that have one, as text."""
    turnover = JournalLine.objects.values_list("account").annotate(Sum("debit"), Sum("credit")).order_by("account")
    return {account: str(debit - credit) for account, debit, credit in turnover if debit != credit}


def assert_tied():
    """Let the sub-ledger's sums equal the general ledger's accounts, and its debits its credits."""
    names = ("principal", "interest", "fees", "overpaid", "recovered")
    moved = Transaction.objects.filter(reversal=None).aggregate(**{name: Sum(name) for name in names})
    accrued = Accrual.objects.filter(reversal=None).aggregate(sum=Sum("amount"))["sum"] or ZERO
    sums = {name: moved[name] or ZERO for name in names}
    sides = {
        "LR": sums["principal"],
        "IR": sums["interest"] + accrued,
        "FR": sums["fees"],
        "OVP": -sums["overpaid"],
        "REC": -sums["recovered"],
    }
    ledger = {account: D(balance) for account, balance in general_ledger().items()}
    assert {account: ledger.get(account, ZERO) for account in sides} == sides
    assert sum(ledger.values(), ZERO) == ZERO


def living(loan):
    """Return all rows of a loan that count, without what names who wrote them and when."""
    movements = Transaction.objects.filter(loan=loan, reversal=None).order_by("effective_date", "kind", "reference")
    accruals = Accrual.objects.filter(loan=loan, reversal=None).order_by("accrual_date")
    return {
        "movements": list(
            movements.values_list(
                "kind", "effective_date", "reference", "principal", "interest", "fees", "overpaid", "recovered"
            )
        ),
        "accruals": list(
            accruals.values_list("accrual_date", "principal", "rate", "exposure", "cumulative", "amount", "accrued")
        ),
        "covered": list(Instalment.objects.filter(loan=loan).order_by("number").values_list("number", "settled_on")),
        "closed": closure(loan),
    }
