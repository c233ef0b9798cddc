"""Ad hoc work: one dispatch by hand is one window, on the same ledger and the same fast path as the night."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from psycopg.types.json import Jsonb

from common import clock
from schedules import sql
from schedules.models import Window
from schedules.opening import expand, insert_window, open_due
from schedules.publishing import Wakeup, publish_or_leave
from schedules.registry import catalog
from tenants.locks import participation_lock

PREFIX = "adhoc:"
GRACE = timedelta(minutes=10)
DEADLINE = timedelta(minutes=60)


def dispatch(
    *, task: str, key: str, queue: str | None, books: bool, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """Open a window for one dispatch, expand it over the tenants and publish its runs.

    Args:
        task: the tenant task's name.
        key: the dispatch message's id; the same id again is the same window.
        queue: the task's own queue; where None, the catalog's for this task, else the default one.
        books: whether the runs join the books line, at the time they were opened.
        args: positional arguments after `schema_name`.
        kwargs: keyword arguments.

    Returns:
        `{"window": key, "runs": how many runs the window has}`.
    """
    now = clock.now()
    # Everything due until now must be in the ledger first, or a books run would be held back as overtaking it.
    open_due(now)
    known = catalog().for_task(task)
    queue = queue or (known.queue if known else current_app.conf.task_default_queue)
    row = _row(now, task=task, key=key, queue=queue, books=books, args=args, kwargs=kwargs)
    wakeups = _open(row)
    publish_or_leave(wakeups)
    runs = sql.fetch(
        """SELECT count(*) AS n FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
           WHERE w.schedule = %(schedule)s AND w.key = %(key)s""",
        row,
    )
    return {"window": key, "runs": runs[0].n}


@transaction.atomic
def _open(row: Mapping[str, Any]) -> list[Wakeup]:
    participation_lock()
    window_id = insert_window(row)
    return [] if window_id is None else expand(window_id, row["opened_at"])


def _row(
    now: datetime, *, task: str, key: str, queue: str, books: bool, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "schedule": f"{PREFIX}{task}",
        "key": key,
        "task": task,
        "queue": queue,
        "after": [],
        "books": books,
        "dated": False,
        "due_at": now,
        "business_date": now.astimezone(UTC).date(),
        "origin": str(Window.Origin.AD_HOC),
        "opened_at": now,
        "late_at": now + GRACE,
        "deadline_at": now + DEADLINE,
        "args": Jsonb(list(args)),
        "kwargs": Jsonb(dict(kwargs)),
        "skipped": "",
    }
