"""The demo's servicers: how each office is arranged, and what its people do by day, drawn from the cases' numbers."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sandbox.demo.borrowers import draw

DAY = timedelta(days=1)
CALENDAR, TEAM = "office", ("ana", "ben", "chloe")
OPENS, CLOSES = time(9), time(17)

STRATEGY = {
    "code": "reminders",
    "sender": "Servicing <servicing@matins.example>",
    "opt_out": "Write STOP and we will not write again.",
    "steps": [
        {
            "name": "reminder",
            "from_day": 5,
            "to_day": 19,
            "channel": "email",
            "subject": "Your payment",
            "body": "Your loan {{ loan }} is {{ days }} days past due.\n\n{{ opt_out }}",
        },
        {"name": "letter", "from_day": 20, "to_day": 39, "channel": "letter", "body": "Loan {{ loan }} is overdue."},
        {"name": "call", "from_day": 40, "channel": "call", "body": "Ask about loan {{ loan }}."},
    ],
}


def arrange(since: date) -> None:
    """Arrange the office of the tenant whose schema the connection is in, for the nights after a day."""
    _arrange_casework(since)
    _arrange_portfolios(since)
    _arrange_credit_reporting()
    _file_liens(since)


def _arrange_casework(since: date) -> None:
    from casework import services
    from casework.business_hours import Hours
    from casework.definitions import StrategyDefinition
    from casework.services.strategies import define_strategy

    week = [Hours(weekday=weekday, opens=OPENS, closes=CLOSES) for weekday in range(5)]
    holidays = services.public_holidays("US", [since.year])
    services.define_calendar(code=CALENDAR, zone="America/New_York", hours=week, closed_on=holidays)
    # Long enough for some days to pass, and short enough for these nights to see some cases pass it.
    services.define_sla(
        code="first-call", kind="delinquent", calendar_code=CALENDAR, target=timedelta(hours=80), starts_on=since
    )
    services.define_queue(code="late")
    services.define_rule(priority=1, queue_code="late", min_days=30, starts_on=since)
    for agent in TEAM:
        services.define_agent(code=agent, capacity=60)
    services.define_campaign(code="came-back", trigger="returned payment", days_ahead=3, starts_on=since)
    define_strategy(StrategyDefinition.model_validate(STRATEGY), defined_on=since)


def _arrange_portfolios(since: date) -> None:
    from portfolios.services.defining import Conditions, open_portfolio, set_rule

    for code, name, conditions in (
        ("large", "Loans of 10,000 and more", Conditions(balance_from=Decimal(10_000))),
        ("late", "Thirty days late", Conditions(dpd_from=30)),
    ):
        open_portfolio(code=code, name=name, opened_on=since)
        set_rule(code=code, portfolio_code=code, priority=1, conditions=conditions, since=since)


def _arrange_credit_reporting() -> None:
    from credit_reporting.models import Bureau
    from credit_reporting.services.reporter import set_reporter

    set_reporter(
        name="MATINS DEMO",
        address="1 NIGHT STREET, NEW YORK NY 10001",
        phone="2125550100",
        identification_number="MATINSDEMO",
        program_ids={Bureau.EQUIFAX: "MATINS0001"},
    )


def _file_liens(since: date) -> None:
    """Secure one loan in fifty; some of the filings lapse in these nights."""
    from compliance.services import file_lien

    for number in _open_loans():
        if draw(f"lien {number}") % 50 == 0:
            filed_on = since.replace(year=since.year - 5) + timedelta(days=draw(number) % 400)
            file_lien(reference=f"UCC-{number}", loan_number=number, kind="ucc", filed_on=filed_on)


def _open_loans() -> list[str]:
    from loans.models import Loan

    loans = Loan.objects.filter(closure=None).order_by("number")
    return list(loans.values_list("number", flat=True))


def work(day: date) -> None:
    """Do what the people of the tenant do on a day, at noon, with one case in a hundred each."""
    from casework.models import Case

    for case in Case.objects.filter(status="open").select_related("loan").order_by("number"):
        place = draw(f"{day} {case.number}") % 100
        if place < len(DEEDS):
            DEEDS[place](case, day)


def _put_aside(case: Any, day: date) -> None:
    from casework.services import snooze

    until = datetime.combine(day + 2 * DAY, time(6), UTC)
    snooze(number=case.number, until=until, by=TEAM[0], note="call again in two days")


def _take_a_promise(case: Any, day: date) -> None:
    from casework.services.promises import make_promise

    make_promise(loan_number=case.loan.number, amount=case.loan.payment, made_on=day, due_on=day + 5 * DAY)


def _agree_on_a_plan(case: Any, day: date) -> None:
    from casework.models import PaymentPlan
    from casework.services.plans import make_plan

    if PaymentPlan.objects.filter(loan=case.loan, status="running").exists():
        return
    half = (case.loan.payment / 2).quantize(Decimal("0.01"))
    halves = [(day + 7 * DAY, half), (day + 14 * DAY, half)]
    make_plan(loan_number=case.loan.number, instalments=halves, made_on=day)


DEEDS = (_put_aside, _take_a_promise, _agree_on_a_plan)
