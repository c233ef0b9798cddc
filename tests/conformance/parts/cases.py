"""What gives cases work in the world's nights: agents and rules, a campaign, and two cases that take too long."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import F

from casework.business_hours import Hours
from casework.models import Calendar, Case, CaseEvent, Queue
from casework.services import (
    define_agent,
    define_calendar,
    define_campaign,
    define_queue,
    define_rule,
    define_sla,
)
from loans.models import Instalment
from loans.services import accrue_interest
from payments.services import post_payment
from tests.conformance.poisons import Poison
from tests.conformance.world import DECEMBER, EVE, make_loan, product

ONE = date(2024, 1, 1)
NEW_YEAR = {ONE: "New Year's Day"}
WEEK = [Hours(weekday=day, opens=time(9), closes=time(17)) for day in range(5)]


def build():
    """Put it into the tenant's schema that the connection is in."""
    late_loans_have_their_own_queue()
    loans_due_soon()
    cases_that_take_too_long()


def late_loans_have_their_own_queue():
    """From the first night on, Lou has the late ones, and Ann and Bob share the others."""
    define_queue(code="general", skill="all")
    define_queue(code="late", skill="late")
    define_rule(priority=1, queue_code="late", starts_on=ONE, product_code="late")
    for code, skill in (("ann", "all"), ("bob", "all"), ("lou", "late")):
        define_agent(code=code, capacity=50, skills=[skill])


def loans_due_soon():
    """The first night reaches out to PRE-1 and PRE-2, whose second instalments are due on the 3rd and the 4th."""
    define_campaign(code="due soon", trigger="due soon", days_ahead=3, starts_on=ONE)
    numbers = ["PRE-1", "PRE-2"]
    loans = [
        make_loan(
            number,
            product=product("due soon"),
            principal=Decimal("1200.00"),
            rate=Decimal("0.10"),
            accrues_from=date(2023, 11, 3 + place),
        )
        for place, number in enumerate(numbers)
    ]
    accrue_interest(business_date=EVE.date(), only=numbers)
    for loan in loans:
        reference = f"{loan.number} in December"
        post_payment(loan_number=loan.number, amount=loan.payment, reference=reference, booking=DECEMBER)


def cases_that_take_too_long():
    """Two cases, opened on a Friday at 16:00: eight hours from nine to five have passed on 2 January at 16:00.

    A third one sleeps until the first day's tenth hour and a half.
    """
    kinds = {"CASE-1": Case.Kind.DISPUTE, "CASE-2": Case.Kind.HARDSHIP}
    for number, kind in kinds.items():
        make_loan(
            number,
            product=product("disputed"),
            principal=Decimal("700.00"),
            rate=Decimal("0.10"),
            accrues_from=date(2023, 12, 28),
        )
        define_calendar(code=f"of {number}", zone="UTC", hours=WEEK, closed_on=NEW_YEAR)
        target = timedelta(hours=8)
        define_sla(
            code=f"for {number}", kind=kind, calendar_code=f"of {number}", target=target, starts_on=date(2023, 1, 1)
        )
        opened(number, kind)
    sleeper = make_loan(
        "CASE-3",
        product=product("disputed"),
        principal=Decimal("700.00"),
        rate=Decimal("0.10"),
        accrues_from=date(2023, 12, 28),
    )
    opened(sleeper.number, Case.Kind.DISPUTE)
    until = datetime(2024, 1, 1, 10, 30, tzinfo=UTC)
    Case.objects.filter(loan=sleeper).update(status=Case.Status.SNOOZED, snoozed_until=until)


def opened(number, kind):
    """Open a case of a loan on 29 December."""
    at, queue = datetime(2023, 12, 29, 16, tzinfo=UTC), Queue.objects.get(code="general")
    loan = Instalment.objects.filter(loan__number=number)[0].loan
    case = Case.objects.create(number=f"{number}/1", loan=loan, kind=kind, queue=queue, opened_at=at)
    CaseEvent.objects.create(case=case, kind="opened", at=at, by="ann", queue=queue)


def _move_to(zone):
    return lambda _night: Calendar.objects.filter(code="of CASE-2").update(zone=zone)


def _add_to_plan(number, instalment, dollars):
    rows = Instalment.objects.filter(loan__number=number, number=instalment)
    return lambda _night: rows.all().update(due_through=F("due_through") + dollars)


POISONS = {
    "hourly-case-unsnooze": None,  # It compares two times; no case can be bad for it.
    "daily-pre-delinquency": Poison(
        key="PRE-1", loan="PRE-1", spoil=_add_to_plan("PRE-1", 2, 1), mend=_add_to_plan("PRE-1", 2, -1)
    ),
    "daily-case-sla-breach": Poison(
        key="CASE-2/1", loan="CASE-2", spoil=_move_to("Mars/Olympus"), mend=_move_to("UTC")
    ),
    "daily-queue-assignment": Poison(
        key="LATE-1", loan="LATE-1", spoil=_add_to_plan("LATE-1", 2, 1), mend=_add_to_plan("LATE-1", 2, -1)
    ),
}
