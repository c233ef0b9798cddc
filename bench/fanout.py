"""One window to 10,000 tenants: runs committed and messages in the broker, beside Celery's own `group`."""

import statistics
import time
from datetime import timedelta
from typing import Any

import redis
from celery import current_app, group
from django.db import connection

from bench.tasks import empty
from common import clock
from schedules import sql
from schedules.opening import open_due
from schedules.registry import catalog, register

TENANTS = 10_000
REPEATS = 5


def measure() -> dict[str, Any]:
    """Return the medians in seconds of both sides, taken in turn, and the reopening of the same window."""
    _tenants(TENANTS)
    ours, peer, again = [], [], []
    for _ in range(REPEATS):
        _fresh_night()
        ours.append(_timed(open_due))
        assert _messages() == TENANTS
        again.append(_timed(open_due))
        assert _messages() == TENANTS
        _flush()
        peer.append(_timed(_group))
        assert _messages() == TENANTS
    _flush()
    return {
        "ours_s": statistics.median(ours),
        "peer_s": statistics.median(peer),
        "ratio": statistics.median(peer) / statistics.median(ours),
        "reopen_s": statistics.median(again),
    }


def opening(tenants: int) -> tuple[float, float]:
    """Return the median seconds in which one window is opened to so many tenants, and opened again."""
    _tenants(tenants)
    first, again = [], []
    for _ in range(REPEATS):
        _fresh_night()
        first.append(_timed(open_due))
        assert _messages() == tenants
        again.append(_timed(open_due))
    _flush()
    return statistics.median(first), statistics.median(again)


def _tenants(count: int) -> None:
    sql.execute("TRUNCATE public.tenants_tenant CASCADE")
    sql.execute(
        """INSERT INTO public.tenants_tenant (schema_name, name, status, enabled_at)
           SELECT 'tenant_' || n, 'Tenant ' || n, 'active', %(enabled_at)s FROM generate_series(1, %(n)s) AS n""",
        {"n": count, "enabled_at": clock.now() - timedelta(days=100)},
    )
    sql.execute("ANALYZE public.tenants_tenant")


def _fresh_night() -> None:
    """Leave exactly one window just due and unopened; one opened late would wait behind live ones."""
    _flush()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE public.schedules_registration, public.schedules_window, public.schedules_run CASCADE")
    due_at = catalog()["daily-empty"].last_occurrence(clock.now())
    clock.set_to(due_at)
    register(catalog(), now=due_at - timedelta(seconds=1))


def _group() -> None:
    group(empty.si(f"tenant_{n}") for n in range(1, TENANTS + 1)).apply_async()


def _flush() -> None:
    with redis.Redis.from_url(current_app.conf.broker_url) as client:
        client.flushdb()


def _messages() -> int:
    with redis.Redis.from_url(current_app.conf.broker_url) as client:
        return int(client.llen("money")) + int(client.llen("control"))


def _timed(call: Any) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
