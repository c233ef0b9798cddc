"""Diagnosis: what `doctor` examines, each part by asking it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from celery import current_app
from django.conf import settings
from django.db import DatabaseError

from common import clock
from schedules import broker, sql
from schedules.exceptions import BrokerAwayError
from schedules.opening import missing

# Beats tick every second and say so every two; workers answer a ping within milliseconds.
BEAT_ALIVE_S = 10
WORKER_ANSWER_S = 1.0
SKEW_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One part's state, and what to do when it is not well."""

    part: str
    ok: bool
    text: str


def examine() -> Iterator[Finding]:
    """Examine every part; one that cannot be asked is a finding, not an error."""
    for part, ask in _PARTS.items():
        try:
            ok, text = ask()
        except (DatabaseError, psycopg.Error) as error:
            ok, text = False, f"Postgres does not answer: {str(error).strip()}. Check DATABASE_URL and the server."
        except BrokerAwayError as error:
            ok, text = False, f"{error} Check REDIS_URL and the server."
        yield Finding(part=part, ok=ok, text=text)


def _database() -> tuple[bool, str]:
    row = sql.fetch("SELECT current_setting('server_version') AS version, current_user AS role")[0]
    return True, f"Postgres {row.version} as {row.role}"


def _broker() -> tuple[bool, str]:
    depths = broker.depths()
    with broker.producer() as producer:
        policy = producer.channel.client.info("memory").get("maxmemory_policy") if broker.is_redis(producer) else "n/a"
    waiting = ", ".join(f"{queue} {depths[queue]}" for queue in settings.MATINS_QUEUES)
    if policy not in {"noeviction", "n/a"}:
        return False, f"maxmemory-policy is {policy}: messages can vanish. Set it to noeviction."
    return True, f"policy {policy}; messages: {waiting}"


def _clocks() -> tuple[bool, str]:
    before = time.time()
    database = sql.fetch("SELECT clock_timestamp() AS now")[0].now.timestamp() - before
    with broker.producer() as producer:
        is_redis = broker.is_redis(producer)
        seconds, micros = producer.channel.client.time() if is_redis else (int(time.time()), 0)
    skew = {"Postgres": database, "broker": seconds + micros / 1e6 - time.time()}
    text = ", ".join(f"{name} {offset:+.3f} s" for name, offset in skew.items())
    simulated = f"; business clock simulated at {clock.now():%F %T}" if clock.is_simulated() else ""
    ok = all(abs(offset) < SKEW_S for offset in skew.values())
    return ok, f"beside this machine: {text}{simulated}" + (
        "" if ok else ". Mend NTP: leases and retries depend on it."
    )


def _beats() -> tuple[bool, str]:
    rows = sql.fetch(
        """SELECT name, extract(epoch FROM clock_timestamp() - ticked_at) AS age, clock, ticked_at
           FROM public.schedules_beat
           WHERE ticked_at > clock_timestamp() - %(alive)s * interval '1 second'""",
        {"alive": BEAT_ALIVE_S},
    )
    if not rows:
        return False, "none has ticked lately: windows are not opened. Start `celery -A config beat`."
    off = [row.name for row in rows if abs((row.clock - row.ticked_at - _simulated_by()).total_seconds()) > SKEW_S]
    names = ", ".join(row.name for row in rows)
    return not off, f"{len(rows)} alive ({names})" + (f"; clock off: {', '.join(off)}" if off else "")


def _simulated_by() -> timedelta:
    """Return how far the business clock of this process is from the real one."""
    return clock.now() - datetime.now(UTC)


def _workers() -> tuple[bool, str]:
    broker.depths()  # Says within a moment that the broker is away.
    # A connection of its own: waiting for answers would leave a pooled one in the middle of a command.
    with current_app.connection_for_read() as connection:
        answers = current_app.control.ping(timeout=WORKER_ANSWER_S, connection=connection)
    names = sorted(name for answer in answers for name in answer)
    if not names:
        return False, "none answers: runs are published but nobody takes them. Start `celery -A config worker`."
    return True, f"{len(names)} answer ({', '.join(names)})"


def _windows() -> tuple[bool, str]:
    unopened = [f"{one.schedule.name} of {one.due_at:%F %H:%M}" for one in missing() if not one.skipped]
    if unopened:
        return False, f"{len(unopened)} due and not opened, first {unopened[0]}. A beat opens them, or `catch_up`."
    rows = sql.fetch(
        """SELECT w.schedule, w.due_at FROM public.schedules_window w
           WHERE w.skipped = '' AND NOT EXISTS (SELECT FROM public.schedules_run r WHERE r.window_id = w.id)
             AND EXISTS (SELECT FROM public.tenants_tenant t WHERE t.status = 'active'
                           AND (t.enabled_at AT TIME ZONE 'UTC')::date < w.business_date)
             AND w.origin <> 'ad_hoc' ORDER BY w.due_at LIMIT 5"""
    )
    if rows:
        first = f"{rows[0].schedule} of {rows[0].due_at:%F %H:%M}"
        return False, f"{len(rows)} open without runs, first {first}. `backfill` gives its tenants their runs."
    return True, "every due window is open and has its runs"


def _runs() -> tuple[bool, str]:
    row = sql.fetch(
        """SELECT count(*) FILTER (WHERE state = 'failed') AS failed,
                  count(*) FILTER (WHERE state = 'running') AS running,
                  count(*) FILTER (WHERE state IN ('waiting', 'ready')) AS open
           FROM public.schedules_run WHERE state IN ('waiting', 'ready', 'running', 'failed')"""
    )[0]
    text = f"{row.running} running, {row.open} waiting or ready, {row.failed} failed"
    return row.failed == 0, text + ("" if row.failed == 0 else ". `windows --problems` names them; then `rerun`.")


_PARTS: dict[str, Callable[[], tuple[bool, str]]] = {
    "database": _database,
    "broker": _broker,
    "clocks": _clocks,
    "beats": _beats,
    "workers": _workers,
    "windows": _windows,
    "runs": _runs,
}
