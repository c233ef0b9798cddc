"""One tenant: its last nights as a grid, what its line waits for, how fresh its books are, what is in quarantine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from board.selectors import roots, shares
from common import clock
from monitoring.facts import OpenWindow
from monitoring.reading import unfinished
from schedules import sql
from schedules.registry import catalog
from tenants.models import Tenant

NIGHTS, LISTED = 35, 50
#: The worst first: what a cell with several runs shows.
ORDER = ("failed", "overdue", "missed", "late", "running", "ready", "blocked", "waiting", "skipped", "succeeded")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One schedule's run, or runs, of one night.

    Args:
        date: the business date.
        state: how it stands; empty when there is none.
        run: the one to open.
    """

    date: date
    state: str = ""
    run: int | None = None


@dataclass(frozen=True, kw_only=True)
class Wait:
    """One run that waits on its line: for what, and why."""

    schedule: str
    business_date: date
    root: str
    root_date: date
    how: str


@dataclass(frozen=True, kw_only=True)
class TenantPage:
    """What the page shows.

    Args:
        tenant: the tenant.
        dates: the nights, oldest first.
        grid: a row of cells for every schedule.
        roots: what is wrong with it now.
        waits: what its line waits for.
        fresh: the last business date whose books are complete; None when there is none.
        quarantined: items still left out.
        host: where its site is, or empty.
    """

    tenant: Tenant
    dates: Sequence[date]
    grid: Sequence[tuple[str, Sequence[Cell]]]
    roots: Sequence[roots.Root]
    waits: Sequence[Wait]
    fresh: date | None
    quarantined: Sequence[Any]
    host: str


_RUNS = """
SELECT w.schedule, w.business_date, w.books, r.id, r.state
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
WHERE r.window_id = ANY (ARRAY(
        SELECT id FROM public.schedules_window WHERE business_date BETWEEN %(first)s AND %(last)s))
  AND r.tenant_id = %(tenant_id)s AND r.item = ''
ORDER BY w.due_at, r.id"""

_QUARANTINED = f"""
SELECT q.model, q.key, q.reason, q.quarantined_at, r.id AS run, w.schedule, w.business_date
FROM public.schedules_quarantineditem q JOIN public.schedules_run r ON r.id = q.run_id
JOIN public.schedules_window w ON w.id = r.window_id
WHERE q.resolved_at IS NULL AND r.tenant_id = %(tenant_id)s
ORDER BY q.quarantined_at DESC, q.id LIMIT {LISTED}"""


def tenant(found: Tenant) -> TenantPage:
    """Return one tenant's nights.

    Args:
        found: the tenant (`board.access.tenant_for`).
    """
    last = clock.today()
    dates = [last - timedelta(days=back) for back in reversed(range(NIGHTS))]
    rows = sql.fetch(_RUNS, {"first": dates[0], "last": last, "tenant_id": found.pk})
    windows = shares.of_tenants(unfinished(), {found.pk})
    return TenantPage(
        tenant=found,
        dates=dates,
        grid=_grid(rows, _judged(windows, found.pk), dates),
        roots=roots.roots(windows),
        waits=[_wait(one, root, found.pk) for one, root in roots.waits(windows, found.pk) if root],
        fresh=_fresh(rows),
        quarantined=sql.fetch(_QUARANTINED, {"tenant_id": found.pk}),
        host=_host(found),
    )


def _judged(windows: Sequence[OpenWindow], tenant_id: int) -> dict[tuple[str, date], str]:
    """Return the unfinished runs' judgements by schedule and date, those nobody has opened included."""
    now = clock.now()
    told = {
        (one.schedule, one.business_date): "blocked" if tenant_id in one.blocked else roots.how(one, tenant_id, now)
        for one in windows
    }
    return {place: state for place, state in told.items() if state in ORDER}


def _grid(
    rows: Sequence[Any], judged: dict[tuple[str, date], str], dates: Sequence[date]
) -> list[tuple[str, list[Cell]]]:
    cells = {place: Cell(date=place[1], state=state) for place, state in judged.items()}
    for row in rows:
        place = (row.schedule, row.business_date)
        is_open = row.state not in {"succeeded", "skipped"}
        state = judged.get(place, row.state) if is_open else row.state
        known = cells.get(place)
        if known is None or known.run is None or ORDER.index(state) <= ORDER.index(known.state):
            cells[place] = Cell(date=row.business_date, state=state, run=row.id)
    names = [one.name for one in catalog()]
    names += sorted({name for name, _ in cells} - set(names))
    return [(name, [cells.get((name, day), Cell(date=day)) for day in dates]) for name in names]


def _wait(window: OpenWindow, root: OpenWindow, tenant_id: int) -> Wait:
    return Wait(
        schedule=window.schedule,
        business_date=window.business_date,
        root=root.schedule,
        root_date=root.business_date,
        how=roots.how(root, tenant_id, clock.now()),
    )


def _fresh(rows: Sequence[Any]) -> date | None:
    """Return the last date up to which every books run of these nights is finished."""
    books = [row for row in rows if row.books]
    first_open = min((row.business_date for row in books if row.state not in {"succeeded", "skipped"}), default=None)
    done = [row.business_date for row in books if first_open is None or row.business_date < first_open]
    return max(done, default=None)


def _host(found: Tenant) -> str:
    rows = found.domains.order_by("-is_primary", "pk").values_list("domain", flat=True)
    return str(rows.first() or "")
