"""What people do with cases; each deed is an event of the case's story."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from casework.exceptions import CannotWorkError, CaseOpenError, PastSnoozeError, WrongStatusError
from casework.locks import locked_case
from casework.models import Agent, Case, CaseEvent
from casework.services.arrangements import found_agent, found_queue
from common import clock
from loans.exceptions import NoSuchLoanError
from loans.models import Loan

Kind = CaseEvent.Kind
Status = Case.Status


@transaction.atomic
def open_case(*, loan_number: str, kind: str, queue_code: str, by: str, note: str = "") -> Case:
    """Open a case by hand; the next night gives it to an agent.

    Args:
        loan_number: the loan's number.
        kind: one of `Case.Kind`; of those the night opens and closes, it closes this one too.
        queue_code: the queue.
        by: who opens it.
        note: why.

    Raises:
        NoSuchLoanError, NoSuchError: there is no such loan or queue.
        CaseOpenError: the loan has an open case of that kind.
    """
    loan = Loan.objects.filter(number=loan_number).first()
    if loan is None:
        raise NoSuchLoanError(loan_number)
    if there := Case.objects.filter(loan=loan, kind=kind, closed_at=None).first():
        raise CaseOpenError(loan_number, there.number)
    queue = found_queue(queue_code)
    number = f"{loan_number}/{Case.objects.filter(loan=loan).count() + 1}"
    try:
        with transaction.atomic():
            case = Case.objects.create(number=number, loan=loan, kind=kind, queue=queue, opened_at=clock.now())
    except IntegrityError as error:
        raise CaseOpenError(loan_number, number) from error
    _tell(case, Kind.OPENED, at=case.opened_at, by=by, note=note)
    _tell(case, Kind.QUEUED, at=case.opened_at, by=by)
    return case


@transaction.atomic
def snooze(*, number: str, until: datetime, by: str, note: str = "") -> Case:
    """Put an open case aside until a time; its clock stands still.

    It wakes at the first full hour that is not before `until`. One that sleeps already sleeps until then instead.

    Args:
        number: the case's number.
        until: when its time comes.
        by: who does it.
        note: why.

    Raises:
        NoSuchCaseError: no case has this number.
        WrongStatusError: it is paused or closed.
        PastSnoozeError: the time has come already.
    """
    case, now = _in_status(number, "snoozed", Status.OPEN, Status.SNOOZED), clock.now()
    if until <= now:
        raise PastSnoozeError(number, until.isoformat())
    return _change(case, Kind.SNOOZED, by=by, note=note, until=until, status=Status.SNOOZED, snoozed_until=until)


def wake(*, number: str, by: str, note: str = "") -> Case:
    """Wake a snoozed case before its time.

    Raises:
        NoSuchCaseError, WrongStatusError: there is no such case, or it does not sleep.
    """
    with transaction.atomic():
        case = _in_status(number, "woken", Status.SNOOZED)
        until = case.snoozed_until
        return _change(case, Kind.WOKEN, by=by, note=note, until=until, status=Status.OPEN, snoozed_until=None)


def pause(*, number: str, by: str, note: str) -> Case:
    """Stop an open case's clock until somebody resumes it, e.g. because the borrower must answer.

    Raises:
        NoSuchCaseError, WrongStatusError: there is no such case, or it is not open.
    """
    with transaction.atomic():
        case = _in_status(number, "paused", Status.OPEN)
        return _change(case, Kind.PAUSED, by=by, note=note, status=Status.PAUSED)


def resume(*, number: str, by: str, note: str = "") -> Case:
    """Let a paused case's clock run again.

    Raises:
        NoSuchCaseError, WrongStatusError: there is no such case, or it is not paused.
    """
    with transaction.atomic():
        case = _in_status(number, "resumed", Status.PAUSED)
        return _change(case, Kind.RESUMED, by=by, note=note, status=Status.OPEN)


@transaction.atomic
def assign(*, number: str, agent_code: str, by: str, note: str = "") -> Case:
    """Give a case to an agent, whatever their capacity; it stays with them as long as they can work its queue.

    Args:
        number: the case's number.
        agent_code: the agent.
        by: who does it.
        note: why.

    Raises:
        NoSuchCaseError, NoSuchError: there is no such case or agent.
        WrongStatusError: the case is closed.
        CannotWorkError: the agent is not active, or lacks the queue's skill.
    """
    case = _in_status(number, "assigned", Status.OPEN, Status.SNOOZED, Status.PAUSED)
    agent = found_agent(agent_code)
    _refuse_unable(agent, case)
    return _change(case, Kind.ASSIGNED, by=by, note=note, assignee=agent)


def _refuse_unable(agent: Agent, case: Case) -> None:
    if not agent.is_active:
        raise CannotWorkError(agent, case, "they do not work at present")
    if case.queue and case.queue.skill and case.queue.skill not in agent.skills:
        raise CannotWorkError(agent, case, f"queue {case.queue} takes the skill {case.queue.skill}")


def close(*, number: str, by: str, note: str) -> Case:
    """Close a case. If its loan is behind all the same, the next night opens another.

    Raises:
        NoSuchCaseError, WrongStatusError: there is no such case, or it is closed.
    """
    with transaction.atomic():
        case = _in_status(number, "closed", Status.OPEN, Status.SNOOZED, Status.PAUSED)
        now = clock.now()
        return _change(case, Kind.CLOSED, by=by, note=note, status=Status.CLOSED, closed_at=now, snoozed_until=None)


def _in_status(number: str, done: str, *statuses: str) -> Case:
    case = locked_case(number)
    if case.status not in statuses:
        raise WrongStatusError(number, case.status, done)
    return case


def _change(case: Case, kind: str, *, by: str, note: str, until: datetime | None = None, **fields: Any) -> Case:
    for name, value in fields.items():
        setattr(case, name, value)
    case.save(update_fields=list(fields))
    _tell(case, kind, at=case.closed_at or clock.now(), by=by, note=note, until=until)
    return case


def _tell(case: Case, kind: str, *, at: datetime, by: str, note: str = "", until: datetime | None = None) -> CaseEvent:
    return CaseEvent.objects.create(
        case=case, kind=kind, at=at, by=by, note=note, queue=case.queue, agent=case.assignee, until=until
    )
