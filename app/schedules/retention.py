"""Retention: the ledger keeps finished windows for a configured time, and never forgets what is still expected."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from common import clock
from schedules import sql
from schedules.exceptions import OperationRefusedError
from schedules.registry import catalog

# Small enough that no statement holds its locks for long beside a running night.
BATCH = 500

# The newest window of a schedule stays whatever its age: without it, an occurrence older than the catch-up age would
# look missing and be reported as skipped again, every day.
_OLD = """
SELECT w.id FROM public.schedules_window w
WHERE w.due_at < %(before)s
  AND NOT EXISTS (SELECT FROM public.schedules_run r WHERE r.window_id = w.id
                                                       AND r.state NOT IN ('succeeded', 'skipped'))
  AND EXISTS (SELECT FROM public.schedules_window newer WHERE newer.schedule = w.schedule
                                                          AND newer.due_at > w.due_at AND newer.due_at < %(keep)s)
ORDER BY w.due_at LIMIT %(limit)s"""


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What left the ledger."""

    windows: int = 0
    runs: int = 0
    messages: int = 0


def prune(*, days: int, dry_run: bool = False) -> Pruned:
    """Remove finished windows due more than `days` ago with their runs, and messages and beats gone as long ago.

    Args:
        days: how many days are kept; at least the longest catch-up age of the catalog.
        dry_run: count only.

    Raises:
        OperationRefusedError: `days` would forget windows that are still expected.
    """
    longest = max((schedule.catch_up_age for schedule in catalog()), default=timedelta(0))
    if timedelta(days=days) <= longest:
        raise OperationRefusedError(f"{days} days is within the catch-up age of {longest.days} days: keep more.")
    if not dry_run:
        _prune_beats(days)
    before = clock.now() - timedelta(days=days)
    windows, runs = _prune_windows(before, clock.now() - longest, dry_run=dry_run)
    return Pruned(windows=windows, runs=runs, messages=_prune_messages(before, dry_run=dry_run))


def _prune_windows(before: datetime, keep: datetime, *, dry_run: bool) -> tuple[int, int]:
    windows = runs = 0
    while True:
        limit = BATCH if not dry_run else None
        rows = sql.fetch(_OLD, {"before": before, "keep": keep, "limit": limit})
        ids = [row.id for row in rows]
        windows += len(ids)
        runs += _count_runs(ids) if dry_run else _remove(ids)
        if dry_run or len(ids) < BATCH:
            return windows, runs


def _count_runs(ids: list[int]) -> int:
    counted = sql.fetch("SELECT count(*) AS n FROM public.schedules_run WHERE window_id = ANY (%(ids)s)", {"ids": ids})
    number: int = counted[0].n
    return number


@transaction.atomic
def _remove(ids: list[int]) -> int:
    sql.execute(
        """DELETE FROM public.schedules_quarantineditem q USING public.schedules_run r
           WHERE r.id = q.run_id AND r.window_id = ANY (%(ids)s)""",
        {"ids": ids},
    )
    runs = sql.execute("DELETE FROM public.schedules_run WHERE window_id = ANY (%(ids)s)", {"ids": ids})
    sql.execute("DELETE FROM public.schedules_window WHERE id = ANY (%(ids)s)", {"ids": ids})
    return runs


def _prune_beats(days: int) -> None:
    """Forget beats that died without taking themselves off the list of the living."""
    sql.execute(
        "DELETE FROM public.schedules_beat WHERE ticked_at < clock_timestamp() - %(days)s * interval '1 day'",
        {"days": days},
    )


_SETTLED = "coalesce(accepted_at, expired_at) < %(before)s"


def _prune_messages(before: datetime, *, dry_run: bool) -> int:
    if dry_run:
        statement = f"SELECT count(*) AS n FROM public.schedules_outboxmessage WHERE {_SETTLED}"
        number: int = sql.fetch(statement, {"before": before})[0].n
        return number
    return sql.execute(f"DELETE FROM public.schedules_outboxmessage WHERE {_SETTLED}", {"before": before})
