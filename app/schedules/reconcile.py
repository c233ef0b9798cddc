"""Reconcile: runs whose worker is gone come back, blocked runs are released, lost messages are sent again.

Any number of beats may do this at once: every step takes only rows nobody else holds.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from common import clock
from schedules import broker, release, sql

logger = logging.getLogger(__name__)

# A body's transaction holds its row, so a row that can be locked has lost its worker. After a restart of Postgres
# nobody is to blame: the run is not charged with a failure.
_ORPHANS = """
SELECT id AS run_id, token, claimed_at < pg_postmaster_start_time() AS postgres_restarted
FROM public.schedules_run
WHERE state = 'running' AND claimed_at < clock_timestamp() - %(grace_s)s * interval '1 second'
ORDER BY id LIMIT 1000 FOR UPDATE SKIP LOCKED"""

_GIVE_BACK = """
UPDATE public.schedules_run
SET state = 'waiting', token = NULL, published_at = NULL, reason = 'Postgres restarted under it'
WHERE id = ANY (%(ids)s)"""

_DIED = """
UPDATE public.schedules_run SET
    state = CASE WHEN failures < cardinality(%(delays)s::float[]) THEN 'waiting' ELSE 'failed' END,
    not_before = clock_timestamp() + (%(delays)s::float[])[failures + 1] * interval '1 second',
    finished_at = CASE WHEN failures < cardinality(%(delays)s::float[]) THEN finished_at ELSE %(now)s END,
    failures = failures + 1, token = NULL, published_at = NULL,
    reason = 'the worker died in it (killed, out of memory, or over its time limit)'
WHERE id = ANY (%(ids)s)"""


def reconcile() -> None:
    """Do one round.

    Raises:
        BrokerAwayError: what needs no broker is done; the messages follow when it is back.
    """
    recover_orphans()
    release.release()
    forget_lost_messages()
    release.refill_all()


@transaction.atomic
def recover_orphans(now: datetime | None = None) -> int:
    """Return the runs of dead workers to the line, or fail those that died too often; return how many."""
    orphans = sql.fetch(_ORPHANS, {"grace_s": settings.MATINS_LEASE_GRACE_S})
    restarted = [orphan.run_id for orphan in orphans if orphan.postgres_restarted]
    died = [orphan.run_id for orphan in orphans if not orphan.postgres_restarted]
    if restarted:
        sql.execute(_GIVE_BACK, {"ids": restarted})
    if died:
        # The first death in a run costs no rest: it is usually a deployment or a lost machine, not the run.
        delays = [0.0, *settings.MATINS_RETRY_DELAYS_S[1:]]
        sql.execute(_DIED, {"ids": died, "delays": delays, "now": now or clock.now()})
        logger.warning("%s runs lost their worker and are tried again: %s", len(died), died[:20])
    return len(orphans)


# Messages are taken in order, so the oldest published runs are the ones whose message is gone. Younger ones may not
# have reached the broker yet: they are published in the commit before the push.
_FORGET = """
UPDATE public.schedules_run SET published_at = NULL WHERE id IN (
    SELECT r.id FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
    WHERE r.state = 'ready' AND w.queue = %(queue)s
      AND r.published_at < clock_timestamp() - interval '2 seconds'
    ORDER BY r.published_at, r.id LIMIT %(lost)s FOR UPDATE OF r SKIP LOCKED)"""

_PUBLISHED = """
SELECT w.queue, count(*) AS runs
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
WHERE r.state = 'ready' AND r.published_at < clock_timestamp() - interval '2 seconds' GROUP BY w.queue"""


def forget_lost_messages() -> int:
    """Unpublish as many runs as the broker lost messages, so that they are published again; return how many.

    By depth, not by age: re-publishing what merely waits sent 518 messages for 200 runs, this 312.
    """
    published = sql.fetch(_PUBLISHED)
    if not published:
        return 0
    depths = broker.depths()
    return sum(
        sql.execute(_FORGET, {"queue": queue, "lost": runs - depths[queue]})
        for queue, runs in published
        if runs > depths[queue]
    )
