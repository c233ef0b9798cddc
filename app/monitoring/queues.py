"""What stands in the queues: how many messages, how many taken and not acknowledged, and how old the oldest work is."""

import logging
from collections import Counter
from dataclasses import dataclass

from django.conf import settings

from schedules import broker, sql
from schedules.exceptions import BrokerAwayError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class QueueReading:
    """A queue as it stands.

    Args:
        queue: its name.
        messages: messages that wait, over all priorities; None while the broker is away.
        unacked: messages taken by a worker and not acknowledged, however long ago; None while the broker is away.
        oldest_s: seconds since the oldest run that nobody has started was published; 0 when there is none.
    """

    queue: str
    messages: int | None
    unacked: int | None
    oldest_s: float


def readings() -> list[QueueReading]:
    """Return a reading of every queue; with the broker away, what the ledger alone knows."""
    waiting, taken = _contents()
    oldest = _oldest()
    return [
        QueueReading(
            queue=queue,
            messages=None if waiting is None else waiting[queue],
            unacked=None if taken is None else taken[queue],
            oldest_s=oldest.get(queue, 0.0),
        )
        for queue in settings.MATINS_QUEUES
    ]


def _contents() -> tuple[Counter[str], Counter[str]] | tuple[None, None]:
    try:
        return broker.contents()
    except BrokerAwayError as error:
        logger.warning("%s", error)
        return None, None


def _oldest() -> dict[str, float]:
    rows = sql.fetch(
        """SELECT w.queue, extract(epoch FROM clock_timestamp() - min(r.published_at))::float8 AS age_s
           FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
           WHERE r.state = 'ready' AND r.published_at IS NOT NULL GROUP BY w.queue"""
    )
    return {row.queue: row.age_s for row in rows}
