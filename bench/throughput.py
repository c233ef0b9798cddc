"""Tenant tasks with an empty body: ad hoc and ledgered, beside tenant-schemas-celery as installed and with its cache.

Both sides: the same tenants, the same number of messages already in the broker, one real prefork worker of two
processes. The rate is taken between 90 % and 10 % of the messages left, so that starting up is not measured.
"""

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import redis
from celery import current_app
from django.conf import settings

from bench.tasks import empty
from common import clock
from schedules import ad_hoc, sql

ROOT = Path(__file__).resolve().parents[1]
MESSAGES = 3000
REPEATS = 3
# Ad hoc calls and the peer go round these: the peer's tenant cache is at its best. A window has each tenant once.
REPEATED = 100


def measure() -> dict[str, Any]:
    """Return tasks a second of all four, the medians of runs taken in turn."""
    names = _tenants()
    sides: dict[str, Callable[[], float]] = {
        "ad_hoc": lambda: _ours(lambda: _fill_ad_hoc(names)),
        "ledgered": lambda: _ours(lambda: _fill_ledgered(names)),
        "peer": lambda: _peer(names, {}),
        "peer_cached": lambda: _peer(names, {"PEER_TENANT_CACHE_S": "60"}),
    }
    rates: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(REPEATS):
        for side, run in sides.items():
            rates[side].append(run())
    return {side: statistics.median(taken) for side, taken in rates.items()}


def _tenants() -> list[str]:
    """Make as many tenants as messages, so that one window has a run for each; an empty body needs no tables."""
    sql.execute("TRUNCATE public.tenants_tenant CASCADE")
    names = [f"bench_{n}" for n in range(MESSAGES)]
    for name in names:
        sql.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
        sql.execute(f"GRANT USAGE ON SCHEMA {name} TO {settings.MATINS_APP_DB_USER}")
    sql.execute(
        """INSERT INTO public.tenants_tenant (schema_name, name, status, enabled_at)
           SELECT name, name, 'active', %(enabled_at)s FROM unnest(%(names)s::text[]) AS name""",
        {"names": names, "enabled_at": clock.now() - timedelta(days=100)},
    )
    sql.execute("ANALYZE public.tenants_tenant")
    return names


def _fill_ad_hoc(names: list[str]) -> None:
    for n in range(MESSAGES):
        empty.delay(names[n % REPEATED])


def _fill_ledgered(_: list[str]) -> None:
    """Open one window: a run of every tenant in the ledger, and its message in the broker.

    The window before it was left in the middle, and would hold up the runs of the tenants it did not come to.
    """
    sql.execute("TRUNCATE public.schedules_window, public.schedules_run CASCADE")
    ad_hoc.dispatch(task=empty.name, key=str(uuid4()), queue="money", books=False, args=[], kwargs={})


def _ours(fill: Callable[[], None]) -> float:
    _flush()
    fill()
    with _worker("config", "money", {"MATINS_DB_ROLE": "app", "MATINS_CLOCK_FILE": ""}):
        return _drained("money")


def _peer(names: list[str], env: dict[str, str]) -> float:
    _flush()
    from bench.peer import QUEUE
    from bench.peer import empty as peer_empty

    for n in range(MESSAGES):
        peer_empty.apply_async(headers={"_schema_name": names[n % REPEATED]})
    with _worker("bench.peer", QUEUE, {"MATINS_DB_ROLE": "app", **env}):
        return _drained(QUEUE)


@contextmanager
def _worker(application: str, queue: str, env: dict[str, str]) -> Any:
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", application, "worker", "-l", "warning"]
    process = subprocess.Popen(
        [*command, "-c", "2", "-Q", queue],
        env={**os.environ, **env, "PYTHONPATH": f"{ROOT / 'app'}:{ROOT}"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _drained(queue: str) -> float:
    """Return messages a second while the queue went from 90 % to 10 %."""
    with redis.Redis.from_url(current_app.conf.broker_url) as client:
        _wait_for(client, queue, MESSAGES * 0.9)
        started, high = time.perf_counter(), client.llen(queue)
        _wait_for(client, queue, MESSAGES * 0.1)
        return float(high - client.llen(queue)) / (time.perf_counter() - started)


def _wait_for(client: Any, queue: str, left: float) -> None:
    deadline = time.monotonic() + 120
    while client.llen(queue) > left:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{queue} does not drain: {client.llen(queue)} messages left")
        time.sleep(0.01)


def _flush() -> None:
    with redis.Redis.from_url(current_app.conf.broker_url) as client:
        client.flushdb()
