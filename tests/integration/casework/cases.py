"""Cases, who works them and until when, and what the nights make of them."""

from datetime import UTC, date, datetime, time, timedelta

from casework.business_hours import Hours
from casework.models import Case, CaseEvent
from casework.services import (
    assign_queues,
    check_slas,
    define_agent,
    define_calendar,
    define_queue,
    define_rule,
    define_sla,
    find_pre_delinquent,
    open_case,
    unsnooze,
)
from common import clock
from tests.integration.delinquency.behind import make_loan

NINE_TO_FIVE = [Hours(weekday=day, opens=time(9), closes=time(17)) for day in range(5)]
HOUR = timedelta(hours=1)


def at(day, hour=0, minute=0):
    """Let it be a time of 2024, e.g. `at("03-01", 16)`; return it."""
    moment = instant(day, hour, minute)
    clock.set_to(moment)
    return moment


def instant(day, hour=0, minute=0):
    month, day = map(int, day.split("-"))
    return datetime(2024, month, day, hour, minute, tzinfo=UTC)


def due(day, hour, minute=0):
    """Return the date of 2024 and when a window of it is due, as a job takes them."""
    moment = instant(day, hour, minute)
    return {"business_date": moment.date(), "due_at": moment}


def detect(day, **options):
    return find_pre_delinquent(**due(day, 1, 30), **options)


def judge(day, **options):
    return check_slas(**due(day, 2, 15), **options)


def assign(day, **options):
    return assign_queues(**due(day, 3), **options)


def wake(day, hour):
    return unsnooze(due_at=instant(day, hour))


def agents(*codes, capacity=100, skills=()):
    return [define_agent(code=code, capacity=capacity, skills=skills) for code in codes]


def dispute(number="L1", *, day="03-01", hour=16):
    """Open a case by hand on a loan that is made for it."""
    make_loan(number, dues=["2024-12-01"])
    at(day, hour)
    return open_case(loan_number=number, kind="dispute", queue_code="general", by="ann")


def sla(code="eight hours", *, hours=8, kind="dispute", starts_on=date(2024, 1, 1), **options):
    """Hold cases to so many hours from nine to five, UTC."""
    define_calendar(code="office", zone="UTC", hours=NINE_TO_FIVE, closed_on={})
    return define_sla(code=code, kind=kind, calendar_code="office", target=hours * HOUR, starts_on=starts_on, **options)


def story(case):
    """Return what happened to a case: when, to the nearest minute (the clock goes on while a test works), and what."""
    events = CaseEvent.objects.filter(case=case).order_by("at", "id")
    return [(f"{event.at + timedelta(seconds=30):%m-%d %H:%M}", event.kind) for event in events]


def cases(**filters):
    """Return loan, kind and status of cases."""
    rows = Case.objects.filter(**filters).order_by("loan__number", "opened_at", "id")
    return list(rows.values_list("loan__number", "kind", "status"))


def worked_by():
    """Return by loan the queue and the agent of its open case."""
    rows = Case.objects.filter(closed_at=None).values_list("loan__number", "queue__code", "assignee__code")
    return {loan: (queue, agent) for loan, queue, agent in rows}


__all__ = ["define_queue", "define_rule", "make_loan"]
