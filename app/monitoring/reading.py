"""The scan's reads: few statements over the ledger, in one snapshot, none of them asked once per tenant."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction

from common import clock
from monitoring import canaries
from monitoring.blocking import block
from monitoring.facts import Facts, Finished, OpenWindow, Outbox, Pair, Unstarted, union
from schedules import opening, sql
from schedules.models import Registration, Window
from schedules.registry import catalog
from tenants.models import Tenant

# Beats say that they are alive every two seconds.
BEAT_ALIVE_S = 10

_BEATS = """
SELECT clock_timestamp() AS scanned_at, max(ticked_at) AS ticked_at,
       count(*) FILTER (WHERE ticked_at > clock_timestamp() - %(alive_s)s * interval '1 second') AS alive
FROM public.schedules_beat"""

_TENANTS = """
SELECT id, schema_name, status, (enabled_at AT TIME ZONE 'UTC')::date AS enabled_on FROM public.tenants_tenant"""

_OUTBOX = """
SELECT count(*) AS messages, min(not_before) AS oldest_due_at FROM public.schedules_outboxmessage
WHERE accepted_at IS NULL AND expired_at IS NULL AND not_before <= %(now)s"""


def read() -> Facts:
    """Return the facts of the night, as of one instant.

    Raises:
        DatabaseError, psycopg.Error: Postgres cannot be asked.
    """
    with transaction.atomic():
        sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        now = clock.now()
        beats = sql.fetch(_BEATS, {"alive_s": BEAT_ALIVE_S})[0]
        tenants = sql.fetch(_TENANTS)
        active = {row.id: row for row in tenants if row.status == Tenant.Status.ACTIVE}
        windows = [*_open(active), *_unopened(active.values(), now)]
        return Facts(
            scanned_at=beats.scanned_at,
            tenants={row.id: row.schema_name for row in active.values()},
            tenant_states=Counter(row.status for row in tenants),
            windows=sorted(windows, key=lambda window: window.due_at),
            finished=_finished(now),
            beats=beats.alive,
            ticked_at=beats.ticked_at,
            outbox=Outbox(**sql.fetch(_OUTBOX, {"now": now})[0]._asdict()),
            life_signs=canaries.life_signs(),
            successes=_successes(len(active)),
        )


def unfinished() -> list[OpenWindow]:
    """Return the windows that active tenants have not finished, or that nobody has opened, in due order."""
    active = {row.id: row for row in sql.fetch(_TENANTS) if row.status == Tenant.Status.ACTIVE}
    windows = [*_open(active), *_unopened(active.values(), clock.now())]
    return sorted(windows, key=lambda window: window.due_at)


# How a tenant's run of a window stands; numbers, because sorting a hundred thousand words costs more than all the rest.
_STANDINGS = {1: "failed_items", 2: "open_items", 3: "failed", 4: "running", 5: "resting", 6: "ready", 7: "waiting"}

# One row for all tenants whose runs of a window stand alike. Which of them wait on their line is found out afterwards.
_OPEN = """
SELECT w.id, w.schedule, w.queue, w.after, w.books, w.business_date, w.origin, w.due_at, w.deadline_at,
       w.late_at + coalesce(alike.starts_at - w.due_at, interval '0') AS late_from, alike.standing, alike.tenants
FROM (SELECT window_id, starts_at, array_agg(tenant_id) AS tenants,
             CASE WHEN item <> '' THEN CASE state WHEN 'failed' THEN 1 ELSE 2 END
                  WHEN state = 'failed' THEN 3
                  WHEN state = 'running' OR fanned_out_at IS NOT NULL THEN 4
                  WHEN started_at IS NOT NULL THEN 5
                  WHEN state = 'ready' THEN 6 ELSE 7 END AS standing
      FROM public.schedules_run WHERE state IN ('waiting', 'ready', 'running', 'failed')
      GROUP BY window_id, starts_at, standing) AS alike
JOIN public.schedules_window w ON w.id = alike.window_id ORDER BY w.due_at, w.id"""


def _open(active: Collection[int]) -> list[OpenWindow]:
    """Return the windows that active tenants have not finished, in due order."""
    ids = frozenset(active)
    windows = [_window(list(rows), ids) for _, rows in groupby(sql.fetch(_OPEN), key=lambda row: row.id)]
    block(windows, Registration.objects.filter(until=None))
    return windows


def _window(rows: list[Any], active: frozenset[int]) -> OpenWindow:
    first = rows[0]
    window = OpenWindow(
        id=first.id,
        schedule=first.schedule,
        queue=first.queue,
        after=first.after,
        books=first.books,
        business_date=first.business_date,
        due_at=first.due_at,
        deadline_at=first.deadline_at,
        stops_line=first.origin != Window.Origin.AD_HOC,
    )
    for row in rows:
        tenants = active.intersection(row.tenants)
        standing = _STANDINGS[row.standing]
        if standing in {"waiting", "ready"}:
            window.unstarted.append(Unstarted(state=standing, late_from=row.late_from, tenants=tenants))
        else:
            setattr(window, standing, union(getattr(window, standing), tenants))
    return window


def _unopened(active: Iterable[Any], now: datetime) -> Iterator[OpenWindow]:
    """Yield the windows that are due and not in the ledger, with the tenants that take part in them."""
    rows = list(active)
    everybody = frozenset(row.id for row in rows)
    newest = max((row.enabled_on for row in rows), default=date.min)

    @cache
    def taking_part(business_date: date) -> frozenset[int]:
        if newest < business_date:
            return everybody  # One set for however many windows.
        return frozenset(row.id for row in rows if row.enabled_on < business_date)

    for one in opening.missing(now):
        schedule, due_at = one.schedule, one.due_at
        if due_at < now - schedule.catch_up_age:
            continue  # It will be opened for nobody, and only to say so.
        late_from, tenants = due_at + schedule.grace, taking_part(due_at.date())
        yield OpenWindow(
            id=None,
            schedule=schedule.name,
            queue=schedule.queue,
            after=schedule.after,
            books=schedule.books,
            business_date=due_at.date(),
            due_at=due_at,
            deadline_at=due_at + schedule.deadline,
            unstarted=[Unstarted(state="waiting", late_from=late_from, tenants=tenants)],
        )


_NEWEST = """
SELECT newest.schedule, newest.id, newest.due_at
FROM unnest(%(names)s::text[]) AS name
CROSS JOIN LATERAL (
    SELECT w.* FROM public.schedules_window w
    WHERE w.schedule = name AND w.due_at <= %(now)s AND w.skipped = '' ORDER BY w.due_at DESC LIMIT 1) AS newest"""

# Apart from the search for the windows: told their ids, Postgres reads their runs in one pass (0.1 s, else 0.6 s).
_FINISHED = """
SELECT window_id, count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
       count(*) FILTER (WHERE state = 'skipped') AS skipped, sum(exceptions)::bigint AS quarantined
FROM public.schedules_run
WHERE window_id = ANY (%(ids)s) AND item = '' AND state IN ('succeeded', 'skipped') GROUP BY window_id"""


def _finished(now: datetime) -> Mapping[str, Finished]:
    newest = sql.fetch(_NEWEST, {"names": [schedule.name for schedule in catalog()], "now": now})
    ended = {row.window_id: row for row in sql.fetch(_FINISHED, {"ids": [row.id for row in newest]})}
    return {row.schedule: _ended(row, ended.get(row.id)) for row in newest}


def _ended(window: Any, ended: Any | None) -> Finished:
    return Finished(
        id=window.id,
        due_at=window.due_at,
        succeeded=ended.succeeded if ended else 0,
        skipped=ended.skipped if ended else 0,
        quarantined=ended.quarantined if ended else 0,
    )


_SUCCESSES = """
SELECT t.schema_name AS tenant, asked.schedule, last.finished_at
FROM public.tenants_tenant t CROSS JOIN unnest(%(names)s::text[]) AS asked (schedule)
CROSS JOIN LATERAL (
    SELECT r.finished_at FROM public.schedules_window w
    JOIN public.schedules_run r ON r.window_id = w.id AND r.tenant_id = t.id AND r.item = ''
    WHERE w.schedule = asked.schedule AND r.state = 'succeeded' ORDER BY w.due_at DESC LIMIT 1) AS last
WHERE t.status = 'active'"""


def _successes(tenants: int) -> Mapping[Pair, datetime]:
    """Return when each active tenant's newest run of each schedule succeeded, if that was asked for and is allowed."""
    if settings.MATINS_TENANT_SERIES != "full" or tenants > settings.MATINS_FULL_SERIES_TENANTS_MAX:
        return {}
    rows = sql.fetch(_SUCCESSES, {"names": [schedule.name for schedule in catalog()]})
    return {(row.tenant, row.schedule): row.finished_at for row in rows}
