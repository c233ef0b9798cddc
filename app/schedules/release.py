"""Release: waiting runs whose line is finished become ready, and ready runs are published up to the queue's bound.

Never inside the commit that finished the predecessor: two upstreams finishing together would not see each other
(2,992 of 3,000 dependents stuck). So a worker releases after its commit, and the reconciler sweeps on every tick.
"""

import json
from datetime import datetime

from django.conf import settings
from django.db import transaction

from common import clock
from schedules import broker, line, sql
from schedules.opening import budget
from schedules.publishing import Wakeup, publish
from tenants.locks import participation_lock

# A worker publishes at most this many runs after a commit; the rest of a large fan-out is left to the reconciler.
AT_ONCE = 100

_RELEASE = f"""
UPDATE public.schedules_run r SET state = 'ready', published_at = NULL
FROM public.schedules_window w
WHERE w.id = r.window_id AND r.state = 'waiting' AND NOT {line.RESTING} AND NOT {line.BLOCKED}"""

# Live before catch-up and backfill, then due order, then the tenants in turn.
_TAKE = """
WITH next AS (
    SELECT r.id FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
    WHERE r.state = 'ready' AND r.published_at IS NULL
      AND (%(queue)s::text IS NULL OR w.queue = %(queue)s)
      AND (%(tenant_id)s::bigint IS NULL OR r.tenant_id = %(tenant_id)s)
    ORDER BY w.origin IN ('catch_up', 'backfill'), w.due_at, r.rank, r.id
    LIMIT %(limit)s FOR UPDATE OF r SKIP LOCKED)
"""

_PUBLISHED = """
UPDATE public.schedules_run r SET published_at = clock_timestamp()
FROM next, public.schedules_window w, public.tenants_tenant t
WHERE r.id = next.id AND w.id = r.window_id AND t.id = r.tenant_id
RETURNING r.id AS run_id, t.schema_name, coalesce(nullif(r.task, ''), w.task) AS task, w.queue,
          coalesce(r.args, w.args) AS args, coalesce(r.kwargs, w.kwargs) AS kwargs,
          w.origin IN ('catch_up', 'backfill') AS behind, w.due_at, r.rank"""


def release(now: datetime | None = None) -> int:
    """Set every waiting run whose line is finished ready, over all tenants; return how many."""
    return sql.execute(_RELEASE, {"now": now or clock.now()})


def refill(queue: str) -> int:
    """Publish a queue's ready runs up to its bound, whoever else is refilling or opening; return how many."""
    with transaction.atomic():
        participation_lock()
        chosen = _choose(queue=queue, tenant_id=None, limit=budget(queue))
    publish(chosen)
    return len(chosen)


def refill_all() -> int:
    """Publish every queue's ready runs up to its bound; return how many."""
    return sum(refill(queue) for queue in settings.MATINS_QUEUES)


def release_tenant(tenant_id: int) -> None:
    """Release and publish what one tenant's finished run was holding up; called after its commit."""
    waiting = _RELEASE + " AND r.tenant_id = %(tenant_id)s"
    released = sql.execute(waiting, {"now": clock.now(), "tenant_id": tenant_id})
    if released:
        publish(_choose(queue=None, tenant_id=tenant_id, limit=min(AT_ONCE, broker.room())))


def _choose(*, queue: str | None, tenant_id: int | None, limit: int) -> list[Wakeup]:
    """Mark ready runs published, and return their messages in the order they were chosen.

    UPDATE … RETURNING does not keep it. JSON arrives as text: Django takes psycopg's own loader off its connections.
    """
    rows = sql.fetch(_TAKE + _PUBLISHED, {"queue": queue, "tenant_id": tenant_id, "limit": limit})
    rows.sort(key=lambda row: (row.queue, row.behind, row.due_at, row.rank, row.run_id))
    return [
        Wakeup(
            run_id=row.run_id,
            schema_name=row.schema_name,
            task=row.task,
            queue=row.queue,
            args=json.loads(row.args),
            kwargs=json.loads(row.kwargs),
        )
        for row in rows
    ]
