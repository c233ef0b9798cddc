"""Canaries: once a minute a small task for every queue, which proves its broker, worker and database end to end.

Each queue's canary has a list of its own in the broker, which the queue's worker reads in the same breath (one BRPOP).
In the queue itself it would wait behind twenty thousand runs and say nothing about the worker, and it would stand for
one of the messages that the ledger counts to find lost ones. It still needs a free process: where all of a queue's are
busy, its canary waits for the first that is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import close_old_connections
from kombu import Exchange, Queue

from schedules import broker, sql

TASK = "monitoring.tasks.canary"


@dataclass(frozen=True, kw_only=True)
class LifeSign:
    """A queue's newest canary that came through.

    Args:
        queue: its name.
        done_at: lease time at which it was done.
        round_trip_s: seconds from sent to done.
    """

    queue: str
    done_at: datetime
    round_trip_s: float


def list_of(queue: str) -> Queue:
    """Return the list in the broker that holds a queue's canary."""
    name = f"{queue}.canary"
    return Queue(name, Exchange(name), routing_key=name)


def on_worker_setup(instance: Any, **_: Any) -> None:
    """Let a worker that is starting read the canaries of the queues it was started for, and of no other."""
    queues = instance.app.amqp.queues
    for name in [name for name in settings.MATINS_QUEUES if name in queues.consume_from]:
        queues.select_add(list_of(name))


def on_tick(**_: Any) -> None:
    """Send the canaries that are due; called by every beat.

    Raises:
        BrokerAwayError: they are sent a period later.
    """
    send()


# However many beats ask, one of them is answered, once a period.
_ASK = """
WITH first AS (
    INSERT INTO public.monitoring_canary (queue, asked_at)
    SELECT name, clock_timestamp() FROM unnest(%(queues)s::text[]) AS name
    ON CONFLICT (queue) DO NOTHING RETURNING queue, asked_at
), again AS (
    UPDATE public.monitoring_canary SET asked_at = clock_timestamp()
    WHERE queue = ANY (%(queues)s) AND asked_at <= clock_timestamp() - %(period_s)s * interval '1 second'
    RETURNING queue, asked_at
)
SELECT * FROM first UNION ALL SELECT * FROM again"""


def send() -> Sequence[str]:
    """Send a canary to every queue that has had none for a period, unless its last one still waits to be taken.

    Returns:
        The queues that got one.

    Raises:
        BrokerAwayError: the broker cannot be reached.
    """
    due = sql.fetch(_ASK, {"queues": list(settings.MATINS_QUEUES), "period_s": settings.MATINS_CANARY_S})
    if not due:
        return []
    with broker.producer() as producer:
        sent = [row for row in due if not broker.size(producer, list_of(row.queue).name)]
        for row in sent:
            current_app.send_task(
                TASK,
                [row.queue, row.asked_at.isoformat()],
                queue=list_of(row.queue),
                producer=producer,
                ignore_result=True,
                retry=False,
            )
    return [row.queue for row in sent]


def come_through(*, queue: str, sent_at: datetime) -> None:
    """Write down that a queue's canary came through; called by the worker that took it.

    Args:
        queue: whose canary it is.
        sent_at: lease time at which it was sent.
    """
    close_old_connections()  # A session that Postgres has ended since is found out, and replaced.
    sql.execute(
        """UPDATE public.monitoring_canary SET done_at = clock_timestamp(),
               round_trip_s = extract(epoch FROM clock_timestamp() - %(sent_at)s)
           WHERE queue = %(queue)s""",
        {"queue": queue, "sent_at": sent_at},
    )


def life_signs() -> list[LifeSign]:
    """Return the newest life sign of every queue that has given one, by name."""
    rows = sql.fetch(
        """SELECT queue, done_at, round_trip_s FROM public.monitoring_canary
           WHERE done_at IS NOT NULL AND queue = ANY (%(queues)s) ORDER BY queue""",
        {"queues": list(settings.MATINS_QUEUES)},
    )
    return [LifeSign(**row._asdict()) for row in rows]
