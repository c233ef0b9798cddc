"""What is really in the broker: true queue depths, for the bound on messages and for finding lost ones."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from schedules.exceptions import BrokerAwayError

# A message is unacknowledged and unclaimed only between BRPOP and claim, a matter of milliseconds. One older than
# this belongs to a dead or frozen worker, and would otherwise hide its run until the visibility timeout.
IN_HAND_S = 10.0


@contextmanager
def producer() -> Iterator[Any]:
    """Lend a pooled, connected producer; where there is none to be had, that is known within seconds.

    Raises:
        BrokerAwayError: the broker cannot be reached, now or inside the block.
    """
    errors: tuple[type[Exception], ...] = (OperationalError,)
    try:
        with current_app.producer_or_acquire() as pooled:
            errors += _errors(pooled.connection)
            pooled.connection.ensure_connection(max_retries=0)
            yield pooled
    except errors as error:
        raise BrokerAwayError(error) from error


def _errors(connection: Any) -> tuple[type[Exception], ...]:
    """Return the transport's own errors, without the KeyError among them, which would hide our mistakes."""
    known = (*connection.connection_errors, *connection.channel_errors)
    return tuple(error for error in known if not issubclass(error, LookupError))


def is_redis(pooled: Any) -> bool:
    """Return whether the broker is Redis or Valkey."""
    return bool(pooled.connection.transport.driver_type == "redis")


def depths() -> Counter[str]:
    """Return, per queue, the messages that may still wake a worker: all priority lists, plus those just taken.

    Raises:
        BrokerAwayError: the broker cannot be reached.
    """
    with producer() as pooled:
        return _waiting(pooled) + _taken(pooled, since=time.time() - IN_HAND_S)


def contents() -> tuple[Counter[str], Counter[str]]:
    """Return, per queue, the messages that wait in it, and those taken and not acknowledged, however long ago.

    Raises:
        BrokerAwayError: the broker cannot be reached.
    """
    with producer() as pooled:
        return _waiting(pooled), _taken(pooled, since=0)


def room() -> int:
    """Return how many more messages the fullest queue may hold.

    Raises:
        BrokerAwayError: the broker cannot be reached.
    """
    with producer() as pooled:
        fullest = max(size(pooled, queue) for queue in settings.MATINS_QUEUES)
    return max(0, settings.MATINS_PUBLISHED_PER_QUEUE - fullest)


def _waiting(pooled: Any) -> Counter[str]:
    return Counter({queue: size(pooled, queue) for queue in settings.MATINS_QUEUES})


def size(pooled: Any, queue: str) -> int:
    """Return the messages waiting in a queue, over all its priorities."""
    return int(pooled.channel._size(queue))  # noqa: SLF001 - kombu offers it only through a declared queue


def _taken(pooled: Any, *, since: float) -> Counter[str]:
    """Count the messages taken since then and not acknowledged; none but Redis's can be looked at.

    A handful a worker, since none prefetches beyond its processes.
    """
    taken: Counter[str] = Counter()
    for unacked, index in settings.MATINS_UNACKED_SETS if is_redis(pooled) else ():
        client = pooled.channel.client
        tags = client.zrangebyscore(index, since, "+inf")
        for entry in client.hmget(unacked, tags) if tags else ():
            if entry is not None:
                _message, _exchange, routing_key = json.loads(entry)
                taken[routing_key] += 1
    return taken
