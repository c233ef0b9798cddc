"""What becomes of a tenant's open runs when it is suspended, closed or resumed, in that change's own transaction."""

from typing import Any

from common import clock
from schedules import sql
from schedules.exceptions import CatchUpRefusedError

_SKIP_OPEN = """
UPDATE public.schedules_run
SET state = 'skipped', reason = %(reason)s, finished_at = %(now)s, published_at = NULL
WHERE tenant_id = %(tenant_id)s AND state IN ('waiting', 'ready', 'failed')"""

# Only what was skipped for the suspension comes back; a running body that ended since is not among it.
_BRING_BACK = """
UPDATE public.schedules_run
SET state = 'waiting', reason = '', finished_at = NULL
WHERE tenant_id = %(tenant_id)s AND state = 'skipped' AND reason = %(reason)s"""


def on_status_changed(*, tenant: Any, new: str, catch_up: bool, **_: Any) -> None:
    """Answer `tenants.signals.tenant_status_changed`.

    Raises:
        CatchUpRefusedError: a catch-up would rewrite books that later runs of this tenant were built on.
    """
    if new in {"suspended", "closed"}:
        params = {"tenant_id": tenant.pk, "reason": f"tenant {new}", "now": clock.now()}
        sql.execute(_SKIP_OPEN, params)
    elif catch_up:
        refuse_rewriting(tenant_id=tenant.pk, reason="tenant suspended")
        sql.execute(_BRING_BACK, {"tenant_id": tenant.pk, "reason": "tenant suspended"})


_LATER_BOOKS = """
SELECT lw.schedule, lw.due_at, ew.due_at AS earlier
FROM public.schedules_run e JOIN public.schedules_window ew ON ew.id = e.window_id
JOIN public.schedules_run l ON l.tenant_id = e.tenant_id AND l.state IN ('running', 'succeeded')
JOIN public.schedules_window lw ON lw.id = l.window_id AND lw.books AND lw.due_at > ew.due_at
WHERE e.tenant_id = %(tenant_id)s AND e.state = 'skipped' AND e.reason = %(reason)s AND ew.books
ORDER BY lw.due_at DESC LIMIT 1"""


def refuse_rewriting(*, tenant_id: int, reason: str) -> None:
    """Refuse to bring back skipped books runs of a tenant that has later-due books.

    Raises:
        CatchUpRefusedError: names the later run.
    """
    rows = sql.fetch(_LATER_BOOKS, {"tenant_id": tenant_id, "reason": reason})
    if rows:
        raise CatchUpRefusedError(
            f"The books of {rows[0].earlier:%F} cannot be caught up: {rows[0].schedule} of {rows[0].due_at:%F} "
            "was built on them already. Correct them with backdated entries instead."
        )
