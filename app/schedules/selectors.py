"""What the night looks like: windows with their runs counted, judged and explained.

Late, overdue and missed are judgements made here by looking; they are no states and stop nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from common import clock
from schedules import line, sql
from schedules.opening import missing


@dataclass(frozen=True, kw_only=True)
class WindowLine:
    """One window as an operator reads it.

    Args:
        schedule: its name.
        due_at: when it was due, business time.
        business_date: its date.
        origin: how it came to be opened; `unopened` while nobody has.
        skipped: why the whole window was skipped, or empty.
        states: runs by state.
        blocked: runs waiting for their line.
        late: runs not started by their late time, and not blocked.
        missed: runs never started by their deadline, and not blocked.
        overdue: runs started and still unfinished past their deadline.
        exceptions: items in quarantine.
        why: the first reason worth reading: a failure, or what the blocked ones wait for.
    """

    schedule: str
    due_at: datetime
    business_date: date
    origin: str
    skipped: str
    states: Mapping[str, int]
    blocked: int
    late: int
    missed: int
    overdue: int
    exceptions: int
    why: str

    @property
    def needs_a_look(self) -> bool:
        """Whether something is wrong with it."""
        return bool(self.late or self.missed or self.overdue or self.exceptions or self.states.get("failed"))


_LINES = f"""
WITH judged AS (
    SELECT r.*, r.state IN ('waiting', 'ready') AND {line.BLOCKED} AS is_blocked,
           r.state IN ('waiting', 'ready', 'running') AS is_open,
           w.late_at + coalesce(r.starts_at - w.due_at, interval '0') AS late_from,
           w.deadline_at AS deadline
    FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
    WHERE w.business_date BETWEEN %(first)s AND %(last)s
)
SELECT w.id, w.schedule, w.due_at, w.business_date, w.origin, w.skipped,
       count(*) FILTER (WHERE j.state = 'waiting') AS waiting, count(*) FILTER (WHERE j.state = 'ready') AS ready,
       count(*) FILTER (WHERE j.state = 'running') AS running, count(*) FILTER (WHERE j.state = 'failed') AS failed,
       count(*) FILTER (WHERE j.state = 'succeeded') AS succeeded, count(*) FILTER (WHERE j.state = 'skipped') AS skips,
       count(*) FILTER (WHERE j.is_blocked) AS blocked,
       count(*) FILTER (WHERE j.is_open AND NOT j.is_blocked AND j.started_at IS NULL
                          AND %(now)s >= j.late_from AND %(now)s < j.deadline) AS late,
       count(*) FILTER (WHERE j.is_open AND NOT j.is_blocked AND j.started_at IS NULL
                          AND %(now)s >= j.deadline) AS missed,
       count(*) FILTER (WHERE j.is_open AND j.started_at IS NOT NULL AND %(now)s >= j.deadline) AS overdue,
       coalesce(sum(j.exceptions), 0) AS exceptions,
       coalesce(min(t.schema_name || ': ' || j.reason) FILTER (WHERE j.state = 'failed'),
                min(t.schema_name || ': ' || j.reason) FILTER (WHERE j.is_open AND j.reason <> ''), '') AS why,
       min(j.tenant_id) FILTER (WHERE j.is_blocked) AS blocked_tenant
FROM public.schedules_window w
LEFT JOIN judged j ON j.window_id = w.id LEFT JOIN public.tenants_tenant t ON t.id = j.tenant_id
WHERE w.business_date BETWEEN %(first)s AND %(last)s AND (%(schedule)s::text IS NULL OR w.schedule = %(schedule)s)
GROUP BY w.id ORDER BY w.due_at, w.id"""

_ROOT = """
SELECT w.schedule, w.business_date, t.schema_name, r.state
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
JOIN public.tenants_tenant t ON t.id = r.tenant_id
WHERE r.tenant_id = %(tenant_id)s AND r.state IN ('waiting', 'ready', 'running', 'failed') AND w.due_at <= %(due_at)s
ORDER BY r.state <> 'failed', w.due_at, w.id LIMIT 1"""

STATES = ("waiting", "ready", "running", "failed", "succeeded")


def windows(*, first: date, last: date, schedule: str | None = None) -> list[WindowLine]:
    """Return the windows of a range of business dates, in due order, those nobody opened included.

    Args:
        first: first business date.
        last: last business date, inclusive.
        schedule: restrict to this one.
    """
    now = clock.now()
    rows = sql.fetch(_LINES, {"first": first, "last": last, "schedule": schedule, "now": now})
    lines = [_line(row) for row in rows]
    unopened = [
        WindowLine(
            schedule=one.schedule.name,
            due_at=one.due_at,
            business_date=one.due_at.date(),
            origin="unopened",
            skipped="",
            states={},
            blocked=0,
            late=int(one.due_at + one.schedule.grace <= now < one.due_at + one.schedule.deadline),
            missed=int(now >= one.due_at + one.schedule.deadline),
            overdue=0,
            exceptions=0,
            why="nobody has opened it: is a beat running?",
        )
        for one in missing(now)
        if first <= one.due_at.date() <= last and schedule in {None, one.schedule.name} and not one.skipped
    ]
    return sorted([*lines, *unopened], key=lambda one: one.due_at)


def _line(row: Any) -> WindowLine:
    states = {state: getattr(row, state) for state in STATES} | {"skipped": row.skips}
    return WindowLine(
        schedule=row.schedule,
        due_at=row.due_at,
        business_date=row.business_date,
        origin=row.origin,
        skipped=row.skipped,
        states={state: count for state, count in states.items() if count},
        blocked=row.blocked,
        late=row.late,
        missed=row.missed,
        overdue=row.overdue,
        exceptions=int(row.exceptions),
        why=row.why or _root(row),
    )


def _root(row: Any) -> str:
    """Say what a blocked run's line is really waiting for: its first failed run, or else its oldest open one."""
    if row.blocked_tenant is None:
        return ""
    roots = sql.fetch(_ROOT, {"tenant_id": row.blocked_tenant, "due_at": row.due_at})
    if not roots or (roots[0].schedule == row.schedule and roots[0].business_date == row.business_date):
        return ""
    root = roots[0]
    return f"{root.schema_name} waits for {root.schedule} of {root.business_date} ({root.state})"


def progress(window_ids: Sequence[int]) -> tuple[int, int]:
    """Return how many runs of some windows are final, and how many there are."""
    rows = sql.fetch(
        """SELECT count(*) FILTER (WHERE state IN ('succeeded', 'failed', 'skipped')) AS done, count(*) AS total
           FROM public.schedules_run WHERE window_id = ANY (%(ids)s)""",
        {"ids": list(window_ids)},
    )
    return rows[0].done, rows[0].total
