"""Reading a night: what the ledger and the tenants' rows say of it, and whether anything disturbed it."""

import os
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.utils.module_loading import import_string
from django_tenants.utils import schema_context

from schedules import release
from schedules.models import Run, Window
from tests.nightjobs.models import Effect
from tests.processes import wait_until

FINAL = ("succeeded", "failed", "skipped")
FIRST_NIGHT = date(2024, 7, 1)

#: An undisturbed night by what it leaves: when each schedule's window is due, and what a tenant's run of it writes.
DUE = {
    "daily-first": time(1),
    "daily-second": time(2),
    "daily-third": time(2, 30),
    "daily-parent": time(3),
}
ITEMS = {"daily-parent": ["a", "b", "c", "join"]}
#: What comes before what, among one tenant's effects of one date …
BEFORE = [
    (("daily-first", ""), ("daily-second", "")),
    (("daily-second", ""), ("daily-third", "")),
    *((("daily-parent", child), ("daily-parent", "join")) for child in "abc"),
]
#: … and the schedules whose effects never overtake each other, from date to date.
BOOKS = ("daily-first", "daily-second")


def work(run):
    """Do one run in this process, as a worker does on its message; return what became of the task's call."""
    task = run.task or run.window.task
    args = run.window.args if run.args is None else run.args
    kwargs = run.window.kwargs if run.kwargs is None else run.kwargs
    headers = {"matins_run": run.pk}
    return import_string(task).apply([run.tenant.schema_name, *args], kwargs, headers=headers)


def work_through(*, newest_first=False):
    """Do every run that may start until none is left; return them in the order they were done.

    In due order; or the newest first, where a test shows that nothing but the line puts them in order.
    """
    done = []
    while run := _next_run("-" if newest_first else ""):
        done.append(run)
        work(run)
    return done


def _next_run(direction):
    release.release()
    ready = Run.objects.filter(state="ready").select_related("window", "tenant")
    return ready.order_by(f"{direction}window__due_at", f"{direction}rank", f"{direction}id").first()


def states():
    """Count the runs by state."""
    return dict(Counter(Run.objects.values_list("state", flat=True)))


def effects(schema_name):
    """Return a tenant's effects in the order they were committed."""
    with schema_context(schema_name):
        return list(Effect.objects.order_by("id"))


def is_over(windows):
    return Window.objects.count() >= windows and not Run.objects.exclude(state__in=FINAL).exists()


def wait_for_night(*, windows, timeout_s=60):
    """Wait until that many windows are there and every run of them is final."""
    try:
        wait_until(lambda: is_over(windows), what=f"{windows} windows to finish", timeout_s=timeout_s)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{story()}") from None


def story():
    """Tell how every run stands, for a test that fails."""
    columns = ("window__schedule", "window__due_at", "tenant__schema_name", "item", "state", "attempt", "reason")
    rows = Run.objects.order_by("window__due_at", "id").values_list(*columns)
    return "\n".join(" ".join(map(str, row)) for row in rows[:100])


def assert_like_an_undisturbed_night(*tenants, nights=1):
    """Assert that the ledger and the tenants hold what undisturbed nights leave, whatever happened on the way.

    No window lost or doubled, every run succeeded, every effect there once, and in the line's order.
    """
    dates = [FIRST_NIGHT + timedelta(days=n) for n in range(nights)]
    windows = sorted((name, datetime.combine(day, due, UTC)) for day in dates for name, due in DUE.items())
    assert sorted(Window.objects.values_list("schedule", "due_at")) == windows
    runs = sorted((name, due, tenant) for name, due in windows for tenant in tenants)
    mine = Run.objects.filter(item="").values_list("window__schedule", "window__due_at", "tenant__schema_name")
    assert sorted(mine) == runs, story()
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}, story()
    for tenant in tenants:
        assert_effects_once_and_in_order(tenant, dates)


def assert_effects_once_and_in_order(tenant, dates):
    """Assert that a tenant holds each effect of these nights once, in the line's order."""
    rows = [(row.schedule, row.item, row.business_date) for row in effects(tenant)]
    expected = [(name, item, day) for day in dates for name in DUE for item in ITEMS.get(name, [""])]
    assert sorted(rows) == sorted(expected), tenant
    place = {row: number for number, row in enumerate(rows)}
    for day in dates:
        for earlier, later in BEFORE:
            assert place[*earlier, day] < place[*later, day], (tenant, earlier, later, rows)
    books = [(day, name) for name, _, day in rows if name in BOOKS]
    assert books == sorted(books, key=lambda one: (one[0], DUE[one[1]])), (tenant, books)


def reconnect():
    """Leave a connection that Postgres ended under this process; the next query opens another."""
    connection.close()


def broker_client():
    """Return a client of the broker's database."""
    import redis

    return redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
