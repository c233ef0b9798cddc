"""Opening: what the catalog expects and the ledger lacks becomes windows, and each window's runs, in one transaction.

A tick compares sets; it remembers nothing. So a hole is found like a missed night, and any number of beats may open
at once: the advisory lock puts them in a row, the unique keys make the second one a no-op.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from psycopg.types.json import Jsonb

from common import clock
from schedules import line, sql
from schedules.catalog import CatchUp, Schedule
from schedules.models import Registration, Window
from schedules.publishing import Wakeup, publish_or_leave
from schedules.registry import catalog
from tenants.locks import participation_lock

# One transaction holds the lock for this many windows; a longer catch-up goes on in the next one.
WINDOWS_PER_TRANSACTION = 60


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """One expected occurrence the ledger lacks; `skipped` says why it is opened for nobody."""

    schedule: Schedule
    due_at: datetime
    skipped: str = ""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What one call opened."""

    windows: int
    published: int


def missing(now: datetime | None = None) -> list[Occurrence]:
    """Return the occurrences up to `now` that are expected and not in the ledger, in due order."""
    now = now or clock.now()
    registered = {r.name: r for r in Registration.objects.filter(until=None)}
    # A beat of another deployment must not open a schedule at its own, different times.
    mine = [s for s in catalog() if s.name in registered and registered[s.name].cron == s.cron]
    since = {schedule.name: registered[schedule.name].since for schedule in mine}
    known = _known({schedule.name: _oldest(schedule, since[schedule.name], now) for schedule in mine})
    found = [one for schedule in mine for one in _missing_of(schedule, since[schedule.name], now, known[schedule.name])]
    return sorted(found, key=lambda occurrence: occurrence.due_at)


def still_missing(schedule: Schedule, since: datetime, now: datetime) -> list[Occurrence]:
    """Return what one schedule, catalogued or not, should have opened after `since` and up to `now`."""
    known = _known({schedule.name: _oldest(schedule, since, now)})
    return _missing_of(schedule, since, now, known[schedule.name])


def _known(oldest: Mapping[str, datetime]) -> dict[str, set[datetime]]:
    """Return the due times in the ledger of each schedule from a given time on, in one round trip."""
    rows = sql.fetch(
        """SELECT w.schedule, w.due_at
           FROM unnest(%(names)s::text[], %(oldest)s::timestamptz[]) AS mine (name, oldest)
           JOIN public.schedules_window w ON w.schedule = mine.name AND w.due_at >= mine.oldest""",
        {"names": list(oldest), "oldest": list(oldest.values())},
    )
    known: dict[str, set[datetime]] = {name: set() for name in oldest}
    for row in rows:
        known[row.schedule].add(row.due_at)
    return known


def _oldest(schedule: Schedule, since: datetime, now: datetime) -> datetime:
    """Return from where on the ledger's windows matter: the horizon, or the last occurrence before it."""
    horizon = max(since, now - schedule.catch_up_age)
    return min(horizon, schedule.last_occurrence(horizon)) - timedelta(days=1)


def _missing_of(schedule: Schedule, since: datetime, now: datetime, known: Collection[datetime]) -> list[Occurrence]:
    """Return one schedule's missing occurrences.

    Args:
        schedule: the schedule.
        since: nothing up to here is expected.
        now: nothing after this is.
        known: due times the ledger has.
    """
    horizon = max(since, now - schedule.catch_up_age)
    dates = {due.date() for due in known} if schedule.is_dated else set()

    def lacks(due: datetime) -> bool:
        return due not in known and due.date() not in dates

    expected = [due for due in schedule.occurrences(horizon, now) if lacks(due)]
    found = [Occurrence(schedule=schedule, due_at=due) for due in expected]
    if schedule.catch_up is CatchUp.LATEST:
        found = [_superseded(one, by=expected[-1]) for one in found[:-1]] + found[-1:]
    newest_old = schedule.last_occurrence(horizon)
    if since < newest_old < horizon and lacks(newest_old):
        reason = f"older than the catch-up age of {schedule.catch_up_age.days} days, with all before it"
        found.insert(0, Occurrence(schedule=schedule, due_at=newest_old, skipped=reason))
    return found


def _superseded(one: Occurrence, *, by: datetime) -> Occurrence:
    return Occurrence(schedule=one.schedule, due_at=one.due_at, skipped=f"superseded by the window due {by:%F %T}")


def open_due(now: datetime | None = None) -> Opened:
    """Open every due window and its runs, then publish the runs that may start.

    Args:
        now: business time; the present by default.

    Returns:
        How many windows were opened and how many runs published; zeros when nothing was missing.
    """
    now = now or clock.now()
    windows = 0
    wakeups: list[Wakeup] = []
    more = True
    while more:
        opened, batch, more = _open_batch(now)
        windows += opened
        wakeups.extend(batch)
    publish_or_leave(wakeups)
    return Opened(windows=windows, published=len(wakeups))


@transaction.atomic
def _open_batch(now: datetime) -> tuple[int, list[Wakeup], bool]:
    participation_lock()
    due = missing(now)
    batch, rest = due[:WINDOWS_PER_TRANSACTION], due[WINDOWS_PER_TRANSACTION:]
    # Not through the first one left to the next transaction: others of this batch may be due together with it.
    _advance(rest[0].due_at - timedelta(microseconds=1) if rest else now)
    wakeups: list[Wakeup] = []
    for occurrence in batch:
        wakeups.extend(_open_one(occurrence, now))
    return len(batch), wakeups, bool(rest)


def _advance(through: datetime) -> None:
    """Say that the ledger has every occurrence up to `through`: true for others from this transaction's commit."""
    pairs = [(schedule.name, schedule.cron) for schedule in catalog()]
    sql.execute(
        """UPDATE public.schedules_registration g SET opened_through = %(through)s
           FROM unnest(%(names)s::text[], %(crons)s::text[]) AS mine (name, cron)
           WHERE g.name = mine.name AND g.cron = mine.cron AND g.opened_through < %(through)s""",
        {"through": through, "names": [name for name, _ in pairs], "crons": [cron for _, cron in pairs]},
    )


def _open_one(occurrence: Occurrence, now: datetime) -> list[Wakeup]:
    schedule = occurrence.schedule
    late = now > occurrence.due_at + schedule.grace
    row = window_row(
        schedule,
        due_at=occurrence.due_at,
        opened_at=now,
        origin=Window.Origin.CATCH_UP if late else Window.Origin.SCHEDULED,
        skipped=occurrence.skipped,
    )
    window_id = insert_window(row)
    if window_id is None or occurrence.skipped:
        return []
    if schedule.catch_up is CatchUp.LATEST:
        _supersede_older(schedule.name, occurrence.due_at, now)
    return expand(window_id, now)


def window_row(
    schedule: Schedule, *, due_at: datetime, opened_at: datetime, origin: Window.Origin, skipped: str = ""
) -> dict[str, Any]:
    """Return the columns of one scheduled window; its grace counts from its due time only when opened in time."""
    counted_from = due_at if origin is Window.Origin.SCHEDULED else opened_at
    return {
        "schedule": schedule.name,
        "key": due_at.astimezone(UTC).isoformat(),
        "task": schedule.task,
        "queue": schedule.queue,
        "after": list(schedule.after),
        "books": schedule.books,
        "dated": schedule.is_dated,
        "due_at": due_at,
        "business_date": due_at.astimezone(UTC).date(),
        "origin": str(origin),
        "opened_at": opened_at,
        "late_at": counted_from + schedule.grace,
        "deadline_at": counted_from + schedule.deadline,
        "args": Jsonb([]),
        "kwargs": Jsonb({}),
        "skipped": skipped,
    }


def insert_window(row: Mapping[str, Any]) -> int | None:
    """Insert one window and return its id, or None when the ledger has it already."""
    columns = ", ".join(row)
    values = ", ".join(f"%({column})s" for column in row)
    rows = sql.fetch(
        f"INSERT INTO public.schedules_window ({columns}) VALUES ({values}) ON CONFLICT DO NOTHING RETURNING id",
        row,
    )
    return rows[0].id if rows else None


def _supersede_older(name: str, due_at: datetime, now: datetime) -> None:
    sql.execute(
        """UPDATE public.schedules_run r
           SET state = 'skipped', finished_at = %(now)s, published_at = NULL,
               reason = 'superseded by the window due ' || to_char(%(due_at)s AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
           FROM public.schedules_window w
           WHERE w.id = r.window_id AND w.schedule = %(name)s AND w.due_at < %(due_at)s
             AND r.state IN ('waiting', 'ready', 'failed')""",
        {"name": name, "due_at": due_at, "now": now},
    )


# One statement for all tenants, repeatable. `published_at` is set here, for the runs about to be sent, because
# setting it afterwards cost as much again as the whole insert (0.46 s against 0.16 s for 10,000). The line is judged
# for all tenants at once, which takes a fraction of asking for each.
_EXPAND = f"""
WITH w AS MATERIALIZED (
    SELECT w.*, {line.UNOPENED} AS unopened FROM public.schedules_window w WHERE w.id = %(window_id)s
), blocked AS MATERIALIZED (
    SELECT DISTINCT p.tenant_id
    FROM w, public.schedules_run p JOIN public.schedules_window pw ON pw.id = p.window_id WHERE {line.PRECEDES}
), share AS MATERIALIZED (
    SELECT t.id AS tenant_id, t.schema_name, t.status,
           w.due_at + %(stagger_s)s * interval '1 second'
               * ((hashtext(t.schema_name || w.schedule) & 1023) / 1024.0) AS starts_at,
           w.unopened OR t.id IN (SELECT tenant_id FROM blocked) AS is_blocked
    FROM w, public.tenants_tenant t
    WHERE t.status <> 'closed'
      AND ((t.enabled_at AT TIME ZONE 'UTC')::date < w.business_date
           OR (w.origin = 'ad_hoc' AND t.enabled_at <= %(now)s))
      AND (%(only)s::bigint[] IS NULL OR t.id = ANY (%(only)s))
), judged AS (
    SELECT tenant_id, starts_at,
           CASE WHEN status = 'suspended' THEN 'skipped'
                WHEN is_blocked OR starts_at > %(now)s THEN 'waiting' ELSE 'ready' END AS state
    FROM share
), new AS (
    INSERT INTO public.schedules_run (window_id, tenant_id, state, reason, finished_at, starts_at, published_at)
    SELECT %(window_id)s, tenant_id, state,
           CASE state WHEN 'skipped' THEN 'tenant suspended' ELSE '' END,
           CASE state WHEN 'skipped' THEN %(now)s END,
           CASE WHEN %(stagger_s)s > 0 THEN starts_at END,
           CASE WHEN state = 'ready' AND row_number() OVER (PARTITION BY state ORDER BY tenant_id) <= %(budget)s
                THEN clock_timestamp() END
    FROM judged ORDER BY tenant_id
    ON CONFLICT (window_id, tenant_id, item) DO NOTHING
    RETURNING id, tenant_id, published_at
)
SELECT new.id AS run_id, share.schema_name
FROM new JOIN share USING (tenant_id) WHERE new.published_at IS NOT NULL ORDER BY new.id"""


_PUBLISHED_AT_ONCE = {Window.Origin.SCHEDULED, Window.Origin.AD_HOC}


def expand(window_id: int, now: datetime, *, only: Sequence[int] | None = None) -> list[Wakeup]:
    """Insert the runs of one window for every tenant that takes part, and return those to publish.

    Args:
        window_id: the window.
        now: business time.
        only: tenant ids to restrict it to (a backfill for some tenants); all by default.
    """
    window = Window.objects.get(pk=window_id)
    known = catalog().get(window.schedule)
    stagger_s = known.stagger.total_seconds() if known and window.origin == Window.Origin.SCHEDULED else 0.0
    rows = sql.fetch(
        _EXPAND,
        {
            "window_id": window_id,
            "stagger_s": stagger_s,
            "now": now,
            "only": list(only) if only is not None else None,
            # What comes late is left to the reconciler, which sends what is due now before it.
            "budget": budget(window.queue) if window.origin in _PUBLISHED_AT_ONCE else 0,
        },
    )
    return [
        Wakeup(
            run_id=row.run_id,
            schema_name=row.schema_name,
            task=window.task,
            queue=window.queue,
            args=window.args,
            kwargs=window.kwargs,
        )
        for row in rows
    ]


def budget(queue: str) -> int:
    """Return how many more runs of a queue may be published: the broker's memory is bounded by it."""
    rows = sql.fetch(
        """SELECT count(*) AS published FROM public.schedules_run r
           JOIN public.schedules_window w ON w.id = r.window_id
           WHERE r.state = 'ready' AND r.published_at IS NOT NULL AND w.queue = %(queue)s""",
        {"queue": queue},
    )
    published: int = rows[0].published
    return max(0, settings.MATINS_PUBLISHED_PER_QUEUE - published)
