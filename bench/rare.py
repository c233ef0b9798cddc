"""What few loans of a portfolio have: agreements, promotions, variable rates; each night finds some of them due."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

DAY = timedelta(days=1)
#: What is agreed ends on one of so many days after the transfer.
SPREAD = 28


def arrange(schema_name: str, as_of: date) -> None:
    """Arrange them for a tenant, by the services that people use.

    Args:
        schema_name: the tenant; it was built.
        as_of: the day of the transfer; the first of them is due the day after.
    """
    from loans.models import Loan

    connection.set_schema(schema_name)  # type: ignore[attr-defined]
    with transaction.atomic():
        _arrange_office(as_of)
        _publish_index(as_of)
        loans = list(Loan.objects.order_by("id"))
        for agree, (first, every) in RARE.items():
            for n, loan in enumerate(loans[first - 1 :: every]):
                agree(loan, as_of, as_of + (1 + n % SPREAD) * DAY)
    connection.set_schema_to_public()  # type: ignore[attr-defined]


def _arrange_office(as_of: date) -> None:
    """Have cases pass their time within a day, current borrowers be reached, and a fee every month."""
    from casework.services import define_campaign, define_sla
    from fees.services import define_fee

    define_sla(code="same-day", kind="delinquent", calendar_code="office", target=timedelta(hours=8), starts_on=as_of)
    define_campaign(code="due-soon", trigger="due soon", days_ahead=3, starts_on=as_of)
    define_fee(
        code="service", amount=Decimal(5), every_months=1, starts_on=as_of + DAY, product_code="bench", prorates=False
    )


def _publish_index(as_of: date) -> None:
    from loans.services.indices import set_index_value

    set_index_value(code="SOFR", published_on=as_of, value=Decimal("0.05"), today=as_of, is_new=True)


def _promise_a_rate(loan: Any, as_of: date, until: date) -> None:
    from loans.services.booking import Booking
    from loans.services.promos import grant_promo

    booking = Booking(entry_date=as_of)
    grant_promo(loan_number=loan.number, rate=Decimal("0.01"), starts_on=as_of, ends_on=until, booking=booking)


def _forbear(loan: Any, as_of: date, until: date) -> None:
    from loans.services.booking import Booking
    from loans.services.forbearance import grant_forbearance

    arrears = ("lump", "capitalise", "defer")[loan.pk % 3]
    booking = Booking(entry_date=as_of)
    grant_forbearance(loan_number=loan.number, starts_on=as_of, ends_on=until, booking=booking, arrears=arrears)


def _follow_an_index(loan: Any, _as_of: date, until: date) -> None:
    from loans.models import RateIndex, VariableTerms

    index = RateIndex.objects.get(code="SOFR")
    VariableTerms.objects.create(loan=loan, index=index, margin=Decimal("0.02"), first_reset=until + 45 * DAY)


def _promise(loan: Any, as_of: date, until: date) -> None:
    from casework.services.promises import make_promise

    make_promise(loan_number=loan.number, amount=loan.payment, made_on=as_of, due_on=until)


def _plan(loan: Any, as_of: date, until: date) -> None:
    from casework.services.plans import make_plan

    halves = [(until, loan.payment), (until + 14 * DAY, loan.payment)]
    make_plan(loan_number=loan.number, instalments=halves, made_on=as_of)


#: The first loan, and one in so many. Promises and plans are of loans that are past due, each sixteenth.
RARE = {_promise_a_rate: (1, 50), _forbear: (2, 100), _follow_an_index: (3, 25), _promise: (16, 64), _plan: (32, 64)}
