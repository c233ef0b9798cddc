"""One schedule: its last windows, how long they took, who is slow or fails, and its place in the line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from board.access import Principal
from board.selectors import roots, shares
from board.selectors.shares import Share
from schedules import sql
from schedules.catalog import Schedule
from schedules.exceptions import UnknownScheduleError
from schedules.models import Registration, Window
from schedules.registry import catalog

#: Windows shown, and tenants named.
WINDOWS, NAMED = 35, 10


@dataclass(frozen=True, kw_only=True)
class SchedulePage:
    """What the page shows.

    Args:
        name: the schedule.
        definition: as the catalog declares it; None when it was removed.
        registered: as the ledger knows it.
        windows: the last ones, oldest first.
        failing: failed runs of these windows, newest first.
        slowest: the slowest runs of the newest window that has any.
        waits_for: schedules that come before it.
        waited_for_by: schedules that come after it.
        roots: what is wrong with it now.
    """

    name: str
    definition: Schedule | None
    registered: Registration | None
    windows: Sequence[Share]
    failing: Sequence[Any]
    slowest: Sequence[Any]
    waits_for: Sequence[str]
    waited_for_by: Sequence[str]
    roots: Sequence[roots.Root]


_FAILING = f"""
SELECT r.id, t.schema_name, r.item, r.reason, w.business_date, w.due_at
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
JOIN public.tenants_tenant t ON t.id = r.tenant_id
WHERE r.state = 'failed' AND w.schedule = %(schedule)s
  AND (%(tenants)s::bigint[] IS NULL OR r.tenant_id = ANY (%(tenants)s))
ORDER BY w.due_at DESC, r.id LIMIT {NAMED}"""

_SLOWEST = f"""
SELECT r.id, t.schema_name, r.item, r.finished_at - r.started_at AS duration
FROM public.schedules_run r JOIN public.tenants_tenant t ON t.id = r.tenant_id
WHERE r.window_id = %(window_id)s AND r.finished_at IS NOT NULL AND r.started_at IS NOT NULL AND r.item = ''
  AND (%(tenants)s::bigint[] IS NULL OR r.tenant_id = ANY (%(tenants)s))
ORDER BY r.finished_at - r.started_at DESC, r.id LIMIT {NAMED}"""


def schedule(principal: Principal, name: str) -> SchedulePage:
    """Return one schedule as a principal may see it.

    Args:
        principal: who looks.
        name: the schedule's.

    Raises:
        UnknownScheduleError: neither the catalog nor the ledger has one of that name.
    """
    definition, registered = catalog().get(name), Registration.objects.filter(name=name).first()
    newest = list(Window.objects.filter(schedule=name).order_by("-due_at", "-pk")[:WINDOWS])
    if not (definition or registered or newest):
        raise UnknownScheduleError(name)
    open_windows = shares.seen(principal)
    windows = shares.shares(principal, newest, open_windows)
    windows += [one for one in shares.unopened(open_windows) if one.schedule == name]
    windows.sort(key=lambda one: one.due_at)
    timed = next((one.id for one in reversed(windows) if one.last_end and one.first_start), None)
    bounds = {"tenants": principal.ids}
    return SchedulePage(
        name=name,
        definition=definition,
        registered=registered,
        windows=windows,
        failing=sql.fetch(_FAILING, {"schedule": name, **bounds}),
        slowest=sql.fetch(_SLOWEST, {"window_id": timed, **bounds}),
        waits_for=definition.after if definition else (),
        waited_for_by=[one.name for one in catalog() if name in one.after],
        roots=[root for root in roots.roots(open_windows) if root.schedule == name],
    )
