"""The outbox: what must leave the system is written with the business row and delivered afterwards, at least once.

A message carries a unique key, which the receiver gets too; once accepted it is never sent again. It stands in no
line: a dead mail server holds no night up.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
#: Takes the message's key and payload. Returns None when the receiver accepted it or it need not go any more, the
#: business time (aware) to wait for when it must not go yet, and raises when the receiver refused it.
Deliverer = Callable[[str, Mapping[str, Any]], datetime | None]
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


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message to write.

    Args:
        key: the receiver's idempotency key, unique per tenant and kind.
        payload: what the deliverer needs; JSON.
        not_before: business time before which it stays; now by default.
        expires_at: business time after which it is not worth sending.
    """

    key: str
    payload: Mapping[str, Any]
    not_before: datetime | None = None
    expires_at: datetime | None = None


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
        key: as in `Message`, like those that follow.
        payload: what the deliverer needs.
        not_before: business time before which it stays.
        expires_at: business time after which it is not worth sending.

    Raises:
        UnknownKindError: nothing would ever deliver it.
    """
    write_all(kind, [Message(key=key, payload=payload, not_before=not_before, expires_at=expires_at)])


def write_all(kind: str, messages: Sequence[Message]) -> None:
    """Write many messages as `write` does one, in one statement.

    Args:
        kind: which deliverer takes them.
        messages: what they are.

    Raises:
        UnknownKindError: nothing would ever deliver them.
    """
    if kind not in _deliverers:
        raise UnknownKindError(f"No deliverer is registered for {kind!r}; known are {sorted(_deliverers)}.")
    now = clock.now()
    sql.execute(
        """INSERT INTO public.schedules_outboxmessage
               (tenant_id, kind, key, payload, not_before, expires_at, created_at)
           SELECT t.id, %(kind)s, message.key, message.payload, message.not_before, message.expires_at, %(now)s
           FROM public.tenants_tenant t
           CROSS JOIN unnest(%(keys)s::text[], %(payloads)s::jsonb[], %(not_before)s::timestamptz[],
                             %(expires_at)s::timestamptz[]) AS message (key, payload, not_before, expires_at)
           WHERE t.schema_name = current_schema()
           ON CONFLICT (tenant_id, kind, key) DO NOTHING""",
        {
            "kind": kind,
            "keys": [message.key for message in messages],
            "payloads": [Jsonb(dict(message.payload)) for message in messages],
            "not_before": [message.not_before or now for message in messages],
            "expires_at": [message.expires_at for message in messages],
            "now": now,
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
           WHERE id = %(id)s AND accepted_at IS NULL AND not_before <= %(now)s
             AND (retry_at IS NULL OR retry_at <= clock_timestamp())
           FOR UPDATE SKIP LOCKED""",
        {"id": message_id, "now": clock.now()},
    )
    if not rows:
        return False
    try:
        # Inside a block of its own: what a deliverer wrote before it failed is taken back, the message's row is not.
        with transaction.atomic():
            # JSON arrives as text: Django takes psycopg's own loader off its connections.
            wait_until = _deliverers[rows[0].kind](rows[0].key, json.loads(rows[0].payload))
    except Exception as error:
        _rest(message_id, error)
        return False
    return _wait(message_id, wait_until) if wait_until else _accept(message_id)


def _accept(message_id: int) -> bool:
    sql.execute(
        """UPDATE public.schedules_outboxmessage SET accepted_at = %(now)s, attempts = attempts + 1, error = ''
           WHERE id = %(id)s""",
        {"id": message_id, "now": clock.now()},
    )
    return True


def _wait(message_id: int, not_before: datetime) -> bool:
    """Put the message off to a business time; that is no attempt."""
    sql.execute(
        "UPDATE public.schedules_outboxmessage SET not_before = %(not_before)s WHERE id = %(id)s",
        {"id": message_id, "not_before": not_before},
    )
    return False


def _rest(message_id: int, error: Exception) -> None:
    logger.warning("Outbox message %s was not accepted: %s", message_id, error)
    sql.execute(
        """UPDATE public.schedules_outboxmessage SET attempts = attempts + 1, error = %(error)s,
               retry_at = clock_timestamp() + least(60 * 2 ^ least(attempts, 10), %(longest)s) * interval '1 second'
           WHERE id = %(id)s""",
        {"id": message_id, "error": f"{type(error).__name__}: {error}"[:2000], "longest": _LONGEST_REST_S},
    )
