"""What operators ask of the night: catch up, backfill, re-run, skip. Each can say first what it would do."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from common import clock
from schedules import release, sql
from schedules.catalog import Schedule
from schedules.exceptions import BrokerAwayError, OperationRefusedError, UnknownScheduleError
from schedules.models import Run, Window
from schedules.opening import expand, insert_window, missing, open_due, window_row
from schedules.registry import catalog
from tenants.locks import participation_lock

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an operation did, or with `dry_run` would do.

    Args:
        lines: for people, one fact each.
        window_ids: the windows whose runs it set going, to wait for.
        runs: how many runs it touched.
    """

    lines: Sequence[str]
    window_ids: Sequence[int] = field(default_factory=list)
    runs: int = 0


def find_schedule(name: str) -> Schedule:
    """Return a schedule of the catalog.

    Raises:
        UnknownScheduleError: there is none of that name.
    """
    schedule = catalog().get(name)
    if schedule is None:
        raise UnknownScheduleError(name)
    return schedule


def catch_up(*, dry_run: bool = False) -> Effect:
    """Open every window that should have been opened by now, as a beat would, and publish its runs."""
    due = missing()
    lines = [f"{one.schedule.name} due {one.due_at:%F %H:%M}{_note(one.skipped)}" for one in due]
    if dry_run:
        return Effect(lines=lines)
    open_due()
    _release(dry_run=False)
    names = [one.schedule.name for one in due if not one.skipped]
    windows = Window.objects.filter(schedule__in=names, due_at__in=[one.due_at for one in due], skipped="")
    window_ids = list(windows.values_list("id", flat=True))
    return Effect(lines=lines, window_ids=window_ids, runs=Run.objects.filter(window__in=window_ids).count())


def run_window(*, schedule: str, business_date: date, dry_run: bool = False) -> Effect:
    """Bring one schedule's window of one business date into the ledger now, with everything due before it.

    Raises:
        UnknownScheduleError: there is no such schedule.
        OperationRefusedError: it has no window on that date, or not yet, or one that was skipped.
    """
    known = find_schedule(schedule)
    due_at = _due_on(known, business_date)
    if not dry_run:
        open_due()
        _release(dry_run=False)
    window = Window.objects.filter(schedule=schedule, due_at=due_at).first()
    if window is None and dry_run:
        return Effect(lines=[f"{schedule} due {due_at:%F %H:%M} would be opened, with everything due before it"])
    if window is None or window.skipped:
        why = window.skipped if window else "it was due before the schedule was registered"
        raise OperationRefusedError(f"{schedule} of {business_date} is not open ({why}): `backfill` opens it.")
    return Effect(lines=[f"{schedule} due {due_at:%F %H:%M} is open"], window_ids=[window.pk])


def _due_on(schedule: Schedule, business_date: date) -> datetime:
    due_at = schedule.due_on(business_date)
    if due_at is None:
        raise OperationRefusedError(f"{schedule.name} ({schedule.cron}) is not due on {business_date}.")
    if due_at > clock.now():
        raise OperationRefusedError(f"{schedule.name} of {business_date} is due at {due_at:%F %H:%M} UTC, not yet.")
    return due_at


def backfill(
    *, schedule: str, first: date, last: date, tenants: Sequence[str] | None = None, dry_run: bool = False
) -> Effect:
    """Open a past range of one schedule: windows that never were, skipped ones again, runs of tenants lacking one.

    Args:
        schedule: its name.
        first: first business date.
        last: last business date, inclusive.
        tenants: schema names; every participating tenant by default.
        dry_run: say what would be done.

    Raises:
        UnknownScheduleError: there is no such schedule.
        OperationRefusedError: a tenant has books later than the range, built on what is there; names it.
    """
    known = find_schedule(schedule)
    if first > last:
        raise OperationRefusedError(f"The range {first} … {last} is empty: --from comes before --to.")
    midnight = datetime.combine(first, time(), UTC)
    end = min(datetime.combine(last, time(), UTC) + timedelta(days=1, microseconds=-1), clock.now())
    occurrences = list(known.occurrences(midnight - timedelta(seconds=1), end))
    lines, window_ids = [f"{schedule} due {due:%F %H:%M}" for due in occurrences], []
    with transaction.atomic():
        participation_lock()
        runs = 0
        for due_at in occurrences:
            window_id = _reopened(known, due_at)
            tenant_ids = _lacking(window_id, due_at.date(), tenants)
            if known.books:
                _refuse_rewriting(schedule, due_at, tenant_ids)
            expand(window_id, clock.now(), only=tenant_ids)
            window_ids.append(window_id)
            runs += len(tenant_ids)
        transaction.set_rollback(dry_run)
    _release(dry_run=dry_run)
    return Effect(lines=lines, window_ids=window_ids, runs=runs)


def _reopened(schedule: Schedule, due_at: datetime) -> int:
    """Return the id of a window that is open now: made, or no longer skipped, or as it was."""
    row = window_row(schedule, due_at=due_at, opened_at=clock.now(), origin=Window.Origin.BACKFILL)
    window_id = insert_window(row)
    if window_id is not None:
        return window_id
    # A moved schedule's date keeps the window it had at its old time.
    same = {"business_date": due_at.date()} if schedule.is_dated else {"due_at": due_at}
    window = Window.objects.get(schedule=schedule.name, **same)
    if window.skipped:
        fresh = {name: row[name] for name in ("origin", "opened_at", "late_at", "deadline_at", "skipped")}
        Window.objects.filter(pk=window.pk).update(**fresh)
    return int(window.pk)


def _lacking(window_id: int, business_date: date, tenants: Sequence[str] | None) -> list[int]:
    rows = sql.fetch(
        """SELECT t.id FROM public.tenants_tenant t
           WHERE t.status = 'active' AND (t.enabled_at AT TIME ZONE 'UTC')::date < %(business_date)s
             AND (%(tenants)s::text[] IS NULL OR t.schema_name = ANY (%(tenants)s))
             AND NOT EXISTS (SELECT FROM public.schedules_run r WHERE r.window_id = %(window_id)s
                                                                  AND r.tenant_id = t.id)""",
        {
            "window_id": window_id,
            "business_date": business_date,
            "tenants": list(tenants) if tenants is not None else None,
        },
    )
    return [row.id for row in rows]


# Setting the later runs waiting locks their rows: a claim that is on its way waits for this transaction, and then
# finds the earlier work when it takes the lease (`claims.hold`).
_HOLD_LATER = """
UPDATE public.schedules_run r SET state = 'waiting', published_at = NULL
FROM public.schedules_window w
WHERE w.id = r.window_id AND w.books AND w.due_at > %(due_at)s AND r.tenant_id = ANY (%(tenant_ids)s)
  AND r.state IN ('waiting', 'ready')"""

_LATER = """
SELECT t.schema_name, w.schedule, w.due_at
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
JOIN public.tenants_tenant t ON t.id = r.tenant_id
WHERE w.books AND w.due_at > %(due_at)s AND r.tenant_id = ANY (%(tenant_ids)s) AND r.state IN ('running', 'succeeded')
ORDER BY w.due_at DESC LIMIT 1"""


def _refuse_rewriting(schedule: str, due_at: datetime, tenant_ids: Sequence[int]) -> None:
    params = {"due_at": due_at, "tenant_ids": list(tenant_ids)}
    sql.execute(_HOLD_LATER, params)
    rows = sql.fetch(_LATER, params)
    if rows:
        raise OperationRefusedError(
            f"{schedule} of {due_at:%F} would rewrite the books of {rows[0].schema_name}: {rows[0].schedule} of "
            f"{rows[0].due_at:%F} was built on them. Leave this tenant out, or correct it with backdated entries."
        )


_CHOSEN = """
SELECT r.id, r.state, r.tenant_id, r.item, r.exceptions, r.reason, t.schema_name,
       w.id AS window_id, w.due_at, w.books
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
JOIN public.tenants_tenant t ON t.id = r.tenant_id
WHERE w.schedule = %(schedule)s AND w.business_date = %(business_date)s
  AND (%(tenants)s::text[] IS NULL OR t.schema_name = ANY (%(tenants)s))
ORDER BY r.id FOR UPDATE OF r SKIP LOCKED"""


def _chosen(schedule: str, business_date: date, tenants: Sequence[str] | None) -> list[Any]:
    params = {
        "schedule": schedule,
        "business_date": business_date,
        "tenants": list(tenants) if tenants is not None else None,
    }
    return sql.fetch(_CHOSEN, params)


def rerun(*, schedule: str, business_date: date, tenants: Sequence[str] | None = None, dry_run: bool = False) -> Effect:
    """Run again what failed or was skipped, and the quarantined items of what succeeded; the rest is left alone.

    Raises:
        OperationRefusedError: nothing of this window can be run again, or a skipped books run has later books.
    """
    with transaction.atomic():
        participation_lock()
        runs = [run for run in _chosen(schedule, business_date, tenants) if _can_rerun(run)]
        if not runs:
            raise OperationRefusedError(
                f"Nothing of {schedule} of {business_date} failed, was skipped or is in quarantine."
            )
        if runs[0].books:
            skipped = [run.tenant_id for run in runs if run.state == "skipped"]
            _refuse_rewriting(schedule, runs[0].due_at, skipped)
        _reset([run.id for run in runs])
        transaction.set_rollback(dry_run)
    _release(dry_run=dry_run)
    lines = [f"{run.schema_name}{_item(run.item)}: {run.state}{_note(run.reason)}" for run in runs]
    return Effect(lines=lines, window_ids=sorted({run.window_id for run in runs}), runs=len(runs))


def _can_rerun(run: Any) -> bool:
    return run.state in {"failed", "skipped"} or (run.state == "succeeded" and run.exceptions > 0)


def _reset(ids: Sequence[int]) -> None:
    sql.execute(
        """UPDATE public.schedules_run
           SET state = 'waiting', failures = 0, not_before = NULL, published_at = NULL, reason = '', traceback = '',
               started_at = CASE WHEN counts IS NULL THEN NULL ELSE started_at END, finished_at = NULL
           WHERE id = ANY (%(ids)s)""",
        {"ids": list(ids)},
    )


def skip(
    *,
    schedule: str,
    business_date: date,
    reason: str,
    tenants: Sequence[str] | None = None,
    dry_run: bool = False,
) -> Effect:
    """Give up what is waiting, ready or failed of a window, so that its line goes on; running bodies finish.

    Args:
        schedule: its name.
        business_date: the window's date.
        reason: why; it stays in the ledger.
        tenants: schema names; every tenant by default.
        dry_run: say what would be done.

    Raises:
        OperationRefusedError: no reason, or nothing to skip.
    """
    if not reason.strip():
        raise OperationRefusedError("A skip needs a reason: --reason says why, and the ledger keeps it.")
    with transaction.atomic():
        chosen = _chosen(schedule, business_date, tenants)
        runs = [run for run in chosen if run.state in {"waiting", "ready", "failed"}]
        if not runs:
            raise OperationRefusedError(f"Nothing of {schedule} of {business_date} is waiting, ready or failed.")
        _mark_skipped([run.id for run in runs], reason)
        transaction.set_rollback(dry_run)
    _release(dry_run=dry_run)
    return Effect(lines=[f"{run.schema_name}{_item(run.item)}: {run.state}" for run in runs], runs=len(runs))


def _mark_skipped(ids: Sequence[int], reason: str) -> None:
    sql.execute(
        """UPDATE public.schedules_run
           SET state = 'skipped', reason = %(reason)s, finished_at = %(now)s, published_at = NULL
           WHERE id = ANY (%(ids)s)""",
        {"ids": list(ids), "reason": reason.strip(), "now": clock.now()},
    )


def _release(*, dry_run: bool) -> None:
    """Publish at once what became ready; where the broker is away, the reconciler does it when it is back."""
    if dry_run:
        return
    release.release()
    try:
        release.refill_all()
    except BrokerAwayError as error:
        logger.warning("%s", error)


def _note(text: str) -> str:
    return f" ({text})" if text else ""


def _item(item: str) -> str:
    return f" [{item}]" if item else ""
