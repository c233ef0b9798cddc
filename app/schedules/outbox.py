"""The outbox: what must leave the system is written with the business row and delivered afterwards, at least once.

A message carries a unique key, which the receiver gets too; once accepted it is never sent again. It stands in no
line: a dead mail server holds no night up.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from celery import current_app
from django.db import transaction
from psycopg.types.json import Jsonb

from common import clock
from schedules import broker, sql
from schedules.exceptions import ScheduleError

logger = logging.getLogger(__name__)

RELAY_TASK = "schedules.tasks.relay_outbox"
#: Takes the message's key and payload, returns when the receiver accepted it, raises when not.
Deliverer = Callable[[str, Mapping[str, Any]], None]
_deliverers: dict[str, Deliverer] = {}
# A receiver that refuses is asked again after 1, 2, 4 … minutes, at most hourly.
_LONGEST_REST_S = 3600
# While nobody consumes the relay's queue, every beat would add one with every tick.
_WAKEUPS = 10


class UnknownKindError(ScheduleError):
    """No deliverer is registered for this kind of message."""


def deliverer(kind: str) -> Callable[[Deliverer], Deliverer]:
    """Register a function as the deliverer of one kind of message."""

    def register(function: Deliverer) -> Deliverer:
        _deliverers[kind] = function
        return function

    return register


def write(
    *,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Write one message in the current tenant's open transaction; the same kind and key again changes nothing.

    Args:
        kind: which deliverer takes it.
        key: the receiver's idempotency key, unique per tenant and kind.
        payload: what the deliverer needs; JSON.
        not_before: business time before which it stays; now by default.
        expires_at: business time after which it is not worth sending.

    Raises:
        UnknownKindError: nothing would ever deliver it.
    """
    if kind not in _deliverers:
        raise UnknownKindError(f"No deliverer is registered for {kind!r}; known are {sorted(_deliverers)}.")
    sql.execute(
        """INSERT INTO public.schedules_outboxmessage
               (tenant_id, kind, key, payload, not_before, expires_at, created_at)
           SELECT t.id, %(kind)s, %(key)s, %(payload)s, %(not_before)s, %(expires_at)s, %(now)s
           FROM public.tenants_tenant t WHERE t.schema_name = current_schema()
           ON CONFLICT (tenant_id, kind, key) DO NOTHING""",
        {
            "kind": kind,
            "key": key,
            "payload": Jsonb(dict(payload)),
            "not_before": not_before or clock.now(),
            "expires_at": expires_at,
            "now": clock.now(),
        },
    )


def wake_relay() -> None:
    """Send the relay's task when a message is due, unless enough wait already; called by every beat.

    Raises:
        BrokerAwayError: the relay is woken by a later tick.
    """
    if _due(limit=1) and broker.depths()[current_app.conf.task_default_queue] < _WAKEUPS:
        with broker.producer() as producer:
            current_app.send_task(RELAY_TASK, producer=producer, ignore_result=True, retry=False)


def relay(limit: int = 500) -> int:
    """Deliver the messages that are due, oldest first, each in a transaction of its own; return how many went.

    Two relays at once share the work: each holds the row it is delivering.
    """
    _expire()
    return sum(_deliver(row.id) for row in _due(limit=limit))


def _due(*, limit: int) -> list[Any]:
    return sql.fetch(
        """SELECT id FROM public.schedules_outboxmessage
           WHERE accepted_at IS NULL AND expired_at IS NULL AND not_before <= %(now)s
             AND (retry_at IS NULL OR retry_at <= clock_timestamp())
           ORDER BY not_before, id LIMIT %(limit)s""",
        {"now": clock.now(), "limit": limit},
    )


def _expire() -> None:
    sql.execute(
        """UPDATE public.schedules_outboxmessage SET expired_at = %(now)s
           WHERE accepted_at IS NULL AND expired_at IS NULL AND expires_at <= %(now)s""",
        {"now": clock.now()},
    )


@transaction.atomic
def _deliver(message_id: int) -> bool:
    rows = sql.fetch(
        """SELECT kind, key, payload FROM public.schedules_outboxmessage
           WHERE id = %(id)s AND accepted_at IS NULL AND (retry_at IS NULL OR retry_at <= clock_timestamp())
           FOR UPDATE SKIP LOCKED""",
        {"id": message_id},
    )
    if not rows:
        return False
    try:
        # JSON arrives as text: Django takes psycopg's own loader off its connections.
        _deliverers[rows[0].kind](rows[0].key, json.loads(rows[0].payload))
    except Exception as error:
        _rest(message_id, error)
        return False
    sql.execute(
        """UPDATE public.schedules_outboxmessage SET accepted_at = %(now)s, attempts = attempts + 1, error = ''
           WHERE id = %(id)s""",
        {"id": message_id, "now": clock.now()},
    )
    return True


def _rest(message_id: int, error: Exception) -> None:
    logger.warning("Outbox message %s was not accepted: %s", message_id, error)
    sql.execute(
        """UPDATE public.schedules_outboxmessage SET attempts = attempts + 1, error = %(error)s,
               retry_at = clock_timestamp() + least(60 * 2 ^ least(attempts, 10), %(longest)s) * interval '1 second'
           WHERE id = %(id)s""",
        {"id": message_id, "error": f"{type(error).__name__}: {error}"[:2000], "longest": _LONGEST_REST_S},
    )
