"""The demo's borrowers: how each of them pays follows from the loan's number alone, so that a replay is the same."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zlib import crc32

from sandbox.demo.cast import EVE

ROUTING = "011000015"


class Habit(StrEnum):
    """How a borrower pays."""

    AUTOPAY = "autopay from August on; July's instalment by hand"
    SERIES = "by a monthly series"
    ON_TIME = "by hand, when it is due"
    IN_GRACE = "by hand, a week late"
    LATE = "by hand, three weeks late: with a late fee"
    NEVER = "not at all"


#: Of a hundred borrowers.
SHARES = {Habit.AUTOPAY: 50, Habit.SERIES: 15, Habit.ON_TIME: 15, Habit.IN_GRACE: 8, Habit.LATE: 5, Habit.NEVER: 7}
DAYS_AFTER_DUE = {Habit.ON_TIME: 0, Habit.IN_GRACE: 7, Habit.LATE: 20}
#: One in so many drafts comes back: no money once, no money at all, no such account.
RETURNS = {"R01ONCE": 40, "R01": 90, "R03": 130}


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something rare that one loan in so many does on one day."""

    one_in: int
    on: date
    do: Callable[[str, date], None]


def habit(number: str) -> Habit:
    """Return how the borrower of a loan pays."""
    place = draw(number) % 100
    for each, share in SHARES.items():
        if place < share:
            return each
        place -= share
    raise AssertionError("the shares add up to a hundred")


def enrol() -> None:
    """Set up autopay and series in the tenant whose schema the connection is in."""
    from loans.models import Loan
    from payments.models import Autopay, BankAccount, Company, Series

    Company.objects.create(
        company_name="MATINS DEMO", company_id="1234567890", bank_routing=ROUTING, bank_name="DEMO BANK"
    )
    loans = list(Loan.objects.filter(closure=None).order_by("number"))
    drafted = [loan for loan in loans if habit(loan.number) is Habit.AUTOPAY]
    accounts = BankAccount.objects.bulk_create(_account(loan) for loan in drafted)
    august = date(2018, 7, 31)
    Autopay.objects.bulk_create(
        Autopay(loan=loan, account=account, authorised_on=august)
        for loan, account in zip(drafted, accounts, strict=True)
    )
    Series.objects.bulk_create(
        Series(
            reference=f"S-{loan.number}",
            loan=loan,
            amount=loan.payment,
            frequency="monthly",
            anchor=date(2018, 7, 1),
            starts_on=EVE.date(),
        )
        for loan in loans
        if habit(loan.number) is Habit.SERIES
    )


def _account(loan: Any) -> Any:
    from payments.accounts import sealed_number
    from payments.models import BankAccount

    place = draw(f"account of {loan.number}")
    prefix = next((code for code, one_in in RETURNS.items() if place % one_in == 0), "")
    return BankAccount(
        borrower=loan.borrower, holder=f"Borrower {loan.number}", routing_number=ROUTING,
        sealed_account_number=sealed_number(f"{prefix}{place % 10**8:08}"),
    )  # fmt: skip


def pay(day: date) -> None:
    """Let the borrowers of the tenant whose schema the connection is in do what they do on a day, at noon."""
    from loans.services.booking import Booking
    from payments.services import post_payments

    if payments := list(_payments(day)):
        post_payments(payments, booking=Booking(entry_date=day))
    for deed in DEEDS:
        if deed.on == day:
            _do(deed)


def _payments(day: date) -> Iterator[Any]:
    """Return an instalment of every loan whose borrower pays one by hand on a day."""
    from loans.models import Loan
    from payments.models import Payment

    dues = {each: day - timedelta(days=days) for each, days in DAYS_AFTER_DUE.items()}
    paying = {each for each, due in dues.items() if due.day == 1 and due > EVE.date()}
    if day == date(2018, 7, 1):
        paying.add(Habit.AUTOPAY)
    if not paying:
        return
    for loan in Loan.objects.filter(closure=None).order_by("number"):
        if habit(loan.number) in paying:
            reference = f"P-{loan.number}-{day}"
            yield Payment(loan=loan, amount=loan.payment, reference=reference, effective_date=day, posted_on=day)


def _do(deed: Deed) -> None:
    from loans.models import Loan

    for number in Loan.objects.filter(closure=None).order_by("number").values_list("number", flat=True):
        if draw(f"{deed.do.__name__} {number}") % deed.one_in == 0:
            deed.do(number, deed.on)


def _pay_off(number: str, day: date) -> None:
    from loans.services.booking import Booking
    from payments.services import payoff_quote, post_payment

    quote = payoff_quote(loan_number=number, on=day, today=day)
    post_payment(
        loan_number=number, amount=quote.balances.owed, reference=f"PO-{number}", booking=Booking(entry_date=day)
    )


def _pay_with_an_earlier_date(number: str, day: date) -> None:
    from loans.services.booking import Booking
    from payments.services import post_payment

    post_payment(
        loan_number=number,
        amount=Decimal("100.00"),
        reference=f"BD-{number}",
        booking=Booking(entry_date=day),
        effective_date=day - timedelta(days=6),
    )


def _take_back(number: str, day: date) -> None:
    from loans.services.booking import Booking
    from payments.models import Payment
    from payments.services import reverse_payment

    for payment in Payment.objects.filter(loan__number=number, source="online", taken_back=None)[:1]:
        reverse_payment(reference=payment.reference, reason="cheque returned", booking=Booking(entry_date=day))


DEEDS = (
    Deed(one_in=200, on=date(2018, 7, 10), do=_pay_off),
    Deed(one_in=200, on=date(2018, 7, 20), do=_pay_with_an_earlier_date),
    Deed(one_in=200, on=date(2018, 7, 25), do=_take_back),
)


def draw(text: str) -> int:
    """Return a number that looks drawn, and is always the same."""
    return crc32(text.encode())
