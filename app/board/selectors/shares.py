"""Windows with their runs counted, and what is unfinished judged: the rows that Night and Schedule are made of."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from board.access import Principal
from common import clock
from monitoring.facts import OpenWindow
from monitoring.judging import states_of
from monitoring.reading import unfinished
from schedules import sql
from schedules.models import Window

#: What somebody has to look at, the worst first.
WRONG = ("failed", "overdue", "missed", "late")
UNDERWAY = ("running", "ready", "waiting", "blocked")


@dataclass(kw_only=True)
class Share:
    """One window, and how the runs of the tenants that somebody may see stand in it.

    Args:
        id: the window; None while nobody has opened it.
        schedule: its name.
        business_date: its date.
        due_at: when it was due.
        late_at: from when its runs are late.
        deadline_at: from when they are missed or overdue.
        opened_at: when it was opened.
        origin: how, or `unopened`.
        skipped: why the whole window was skipped, or empty.
        counts: tenants by state or judgement.
        exceptions: items in quarantine.
        first_start: when the first of them started.
        last_end: when the last of them ended.
    """

    id: int | None
    schedule: str
    business_date: date
    due_at: datetime
    late_at: datetime
    deadline_at: datetime
    opened_at: datetime | None = None
    origin: str = "unopened"
    skipped: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    exceptions: int = 0
    first_start: datetime | None = None
    last_end: datetime | None = None

    @property
    def wrong(self) -> dict[str, int]:
        """Return what somebody has to look at."""
        return {state: self.counts[state] for state in WRONG if self.counts.get(state)}

    @property
    def total(self) -> int:
        """Return how many tenants take part."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Return how many of them have ended, well or not."""
        return sum(self.counts.get(state, 0) for state in ("succeeded", "skipped", "failed"))

    @property
    def word(self) -> str:
        """Return how the window stands, in one word."""
        for state in (*WRONG, *UNDERWAY):
            if self.counts.get(state):
                return state
        return "skipped" if self.skipped or not self.counts.get("succeeded") else "succeeded"


# One pass over the runs of some windows in the order of their index: grouped by state as well, Postgres would sort them
# (0.35 s for 35 windows of 10,000 runs, else 0.13 s). What is unfinished has an index of its own; the rest succeeded.
_COUNTED = """
SELECT window_id, count(*) AS tenants, count(*) FILTER (WHERE state = 'skipped') AS skipped,
       sum(exceptions)::bigint AS exceptions, min(started_at) AS first_start, max(finished_at) AS last_end,
       (SELECT jsonb_object_agg(unfinished.state, unfinished.tenants)
        FROM (SELECT o.state, count(*) AS tenants FROM public.schedules_run o
              WHERE o.window_id = r.window_id AND o.item = '' AND o.state IN ('waiting', 'ready', 'running', 'failed')
                AND (%(tenants)s::bigint[] IS NULL OR o.tenant_id = ANY (%(tenants)s))
              GROUP BY o.state) AS unfinished) AS unfinished
FROM public.schedules_run r
WHERE window_id = ANY (%(ids)s) AND item = '' AND (%(tenants)s::bigint[] IS NULL OR tenant_id = ANY (%(tenants)s))
GROUP BY window_id"""


def shares(principal: Principal, windows: Sequence[Window], open_windows: Sequence[OpenWindow]) -> list[Share]:
    """Return some windows as a principal may see them.

    Args:
        principal: who looks.
        windows: those in the ledger.
        open_windows: what is unfinished (`seen`).
    """
    found = {window.pk: _share(window) for window in windows}
    for row in sql.fetch(_COUNTED, {"ids": list(found), "tenants": principal.ids}):
        _add(found[row.window_id], row)
    now = clock.now()
    for one in open_windows:
        if one.id in found:
            _judge(found[one.id], one, now)
    return list(found.values())


def seen(principal: Principal) -> list[OpenWindow]:
    """Return what is unfinished, of the tenants that a principal may see, in due order."""
    windows = unfinished()
    return windows if principal.tenant_ids is None else of_tenants(windows, principal.tenant_ids)


def of_tenants(windows: Sequence[OpenWindow], tenant_ids: Collection[int]) -> list[OpenWindow]:
    """Narrow what is unfinished, in place, to some tenants; return the windows that they have not finished."""
    for window in windows:
        _narrow(window, tenant_ids)
    return [window for window in windows if window.stopping() or window.failed]


def unopened(open_windows: Iterable[OpenWindow]) -> Iterator[Share]:
    """Yield the windows that are due and not in the ledger."""
    now = clock.now()
    for one in open_windows:
        if one.id is None:
            late_at = min((share.late_from for share in one.unstarted), default=one.deadline_at)
            share = Share(
                id=None,
                schedule=one.schedule,
                business_date=one.business_date,
                due_at=one.due_at,
                late_at=late_at,
                deadline_at=one.deadline_at,
            )
            _judge(share, one, now)
            yield share


def _share(window: Window) -> Share:
    return Share(
        id=window.pk,
        schedule=window.schedule,
        business_date=window.business_date,
        due_at=window.due_at,
        late_at=window.late_at,
        deadline_at=window.deadline_at,
        opened_at=window.opened_at,
        origin=window.origin,
        skipped=window.skipped,
    )


def _add(share: Share, row: Any) -> None:
    unfinished = json.loads(row.unfinished or "{}")
    succeeded = row.tenants - row.skipped - sum(unfinished.values())
    counts = {"succeeded": succeeded, "skipped": row.skipped, **unfinished}
    share.counts = {state: count for state, count in counts.items() if count}
    share.exceptions, share.first_start, share.last_end = row.exceptions, row.first_start, row.last_end


def _judge(share: Share, window: OpenWindow, now: datetime) -> None:
    """Put the judged words in place of the bare states of what is unfinished."""
    ended = {state: share.counts[state] for state in ("succeeded", "skipped") if state in share.counts}
    judged = dict(states_of(window, now)) | ended
    share.counts = {state: count for state, count in judged.items() if count}


def _narrow(window: OpenWindow, tenant_ids: Collection[int]) -> None:
    kept = frozenset(tenant_ids)
    for name in ("running", "resting", "failed", "failed_items", "open_items", "blocked"):
        setattr(window, name, kept & getattr(window, name))
    narrowed = (replace(share, tenants=kept & share.tenants) for share in window.unstarted)
    window.unstarted = [share for share in narrowed if share.tenants]
