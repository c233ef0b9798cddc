"""The night's poll: what outside monitors report is taken, then every rule is checked as a child of its own."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Q

from common.outcomes import BadItem, Child, FanOut, Outcome
from compliance.engines import Page, engine_for
from compliance.engines.exceptions import EngineError
from compliance.engines.port import Alert
from compliance.exceptions import FeedsDownError
from compliance.models import Engine, Finding, FindingChange, Report, Severity
from compliance.services.checking import check_rule, told_apart
from loans.models import Loan

CHECK_TASK = "compliance.tasks.run_compliance_check"
What = FindingChange.What


@transaction.atomic
def begin_poll(
    *,
    business_date: date,
    due_at: datetime | None = None,
) -> FanOut:
    """Take what is new at every monitor, and have every rule checked.

    A monitor that cannot be read holds up neither the others nor the rules: `end_poll` asks it again.

    Args:
        business_date: D.
        due_at: when its window was due.
    """
    _poll(Engine.objects.filter(active=True), business_date, due_at)
    rules, _ = told_apart()
    return FanOut(task=CHECK_TASK, children=[Child(item=rule.code, args=[rule.pk]) for rule in rules])


@transaction.atomic
def end_poll(
    *,
    business_date: date,
    due_at: datetime | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Ask the monitors that could not be read again, and sum up the night.

    What comes in now is taken; rules look at it in the next night. A rule whose parameters cannot be, and a report of
    a loan that nobody knows, are left out with their reasons.

    Args:
        business_date: D.
        due_at: when its window was due.
        only: the rules and reports to look at again of those left out; None means all.

    Raises:
        FeedsDownError: a monitor still cannot be read; nothing of this call is kept.
    """
    unread = Q(read_on=None) | Q(read_on__lt=business_date)
    if down := _poll(Engine.objects.filter(unread, active=True), business_date, due_at):
        raise FeedsDownError("; ".join(map(str, down)))
    rules, bad = told_apart()
    for rule in rules:
        if only is not None and rule.code in only:
            check_rule(rule_id=rule.pk, business_date=business_date, due_at=due_at)
    bad += _of_unknown_loans(business_date)
    return Outcome(counts=summary(business_date), quarantined=[one for one in bad if only is None or one.key in only])


def summary(business_date: date) -> dict[str, int]:
    """Return how many reports a night took, what became of findings in it, and how many are open."""
    changes = FindingChange.objects.filter(business_date=business_date)
    became = changes.aggregate(
        opened=Count("id", filter=Q(what__in=[What.OPENED, What.REOPENED])),
        raised=Count("id", filter=Q(what=What.RAISED)),
        resolved=Count("id", filter=Q(what=What.RESOLVED)),
    )
    still = Finding.objects.filter(resolved_on=None)
    counts = still.aggregate(open=Count("id"), critical=Count("id", filter=Q(severity=Severity.CRITICAL)))
    return {"reports": Report.objects.filter(reported_on=business_date).count(), **became, **counts}


def _poll(engines: Iterable[Engine], business_date: date, due_at: datetime | None) -> list[EngineError]:
    """Fetch from all before anything is written; keep what came, move those cursors, return what stood in the way."""
    fetched, down = list[tuple[Engine, list[Page]]](), list[EngineError]()
    for engine in engines:
        try:
            fetched.append((engine, list(engine_for(engine).pages(cursor=engine.cursor))))
        except EngineError as error:
            down.append(error)
    for engine, pages in fetched:
        _take(engine, pages, business_date, due_at)
    return down


def _take(engine: Engine, pages: Sequence[Page], business_date: date, due_at: datetime | None) -> None:
    """Keep what is new, in the order in which it was reported; what came before is let pass."""
    reports = [
        Report(
            engine=engine,
            event_id=event.id,
            kind=event.type,
            matter=event.matter,
            loan_number=event.loan,
            since=event.since,
            until=event.until,
            severity=Severity[event.severity.upper()] if isinstance(event, Alert) else None,
            message=event.message if isinstance(event, Alert) else "",
            reported_on=business_date,
            due_at=due_at,
        )
        for page in pages
        for event in page.events
    ]
    Report.objects.bulk_create(reports, ignore_conflicts=True)
    engine.cursor, engine.read_on = pages[-1].next_cursor if pages else engine.cursor, business_date
    engine.save(update_fields=["cursor", "read_on"])


def _of_unknown_loans(business_date: date) -> list[BadItem]:
    """Return the night's reports of loans that nobody knows."""
    reports = Report.objects.filter(reported_on=business_date).select_related("engine").order_by("id")
    unknown = reports.exclude(loan_number__in=Loan.objects.values("number")).exclude(engine=None)
    return [
        BadItem(
            model="compliance.Report",
            key=f"{one.engine}:{one.event_id}",
            reason=f"no loan has the number {one.loan_number}: board it, or tell the monitor that it is not ours",
        )
        for one in unknown
    ]
