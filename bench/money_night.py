"""The jobs of one night for a hundred tenants, on a real beat and a real worker of two processes.

Only the clock is simulated: it steps to the next due time as soon as the night is done so far. The night before is
run first, and not measured: it writes the first rows of the portfolio. A job's time is what its runs took in the
workers, from start to finish, added up.
"""

import os
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, sleep
from typing import Any

from django.conf import settings
from django.db import connection

from bench import portfolio

TENANTS = 100
LOANS = 10_000


def measure() -> dict[str, Any]:
    """Return the seconds of the night, loans a second by job, and what a night of half the loans took.

    Django is set up as the database owner, and `migrate` has run.
    """
    _use_the_real_catalog()
    half = _night_of(TENANTS, LOANS // 2)
    whole = _night_of(TENANTS, LOANS)
    rates = {f"{job}_loans_per_s": TENANTS * LOANS / seconds for job, seconds in whole["jobs"].items()}
    return {"ours_s": whole["s"], "half_s": half["s"], "ratio_for_double": whole["s"] / half["s"], **rates}


def _use_the_real_catalog() -> None:
    """The other rows have a catalog of one empty job."""
    from schedules import registry

    os.environ["MATINS_CATALOG"] = settings.MATINS_CATALOG = "schedules.catalog.CATALOG"
    registry.catalog.cache_clear()


def _night_of(tenants: int, loans: int) -> dict[str, Any]:
    names = [f"bench_{n}" for n in range(tenants)]
    _register(portfolio.night(0))
    try:
        for done, name in enumerate(names, 1):
            portfolio.build(name, loans=loans)
            print(f"  {done} tenants of {loans:,} loans built", end="\r", flush=True)
        with _processes():
            _run_night(portfolio.night(1))
            seconds = _run_night(portfolio.night(2))
        return {"s": seconds, "jobs": _seconds_by_job(portfolio.night(2))}
    finally:
        _remove(names)


def _register(day: date) -> None:
    from common import clock
    from schedules import registry

    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE public.tenants_tenant, public.schedules_registration, public.schedules_window CASCADE")
    clock.set_to(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    registry.register(registry.catalog())


@contextmanager
def _processes() -> Any:
    """Run a beat and a worker of two processes, as in production."""
    from sandbox.demo import platform

    os.environ["PYTHONPATH"] = os.pathsep.join([str(platform.APP_DIR), str(platform.APP_DIR.parent)])
    with platform.running() as running:
        yield running


def _run_night(day: date) -> float:
    """Step through the night's due times; return the seconds it took."""
    started = perf_counter()
    for due_at in _due_times(day):
        _step_to(due_at)
    return perf_counter() - started


def _due_times(day: date) -> Sequence[datetime]:
    from schedules.registry import catalog

    due = {schedule.due_on(day) for schedule in catalog() if schedule.is_dated}
    return sorted(moment for moment in due if moment is not None)


def _step_to(due_at: datetime) -> None:
    from common import clock

    clock.set_to(due_at)
    while not _is_done(due_at):
        sleep(0.02)


def _is_done(due_at: datetime) -> bool:
    from schedules.models import Run, Window

    failed = Run.objects.filter(state="failed").values_list("window__schedule", "reason").first()
    if failed:
        raise RuntimeError(f"A run of {failed[0]} failed: {failed[1]}")
    opened = Window.objects.filter(due_at=due_at).exists()
    return opened and not Run.objects.filter(state__in=["waiting", "ready", "running"]).exists()


def _seconds_by_job(day: date) -> dict[str, float]:
    from schedules.models import Run

    seconds: dict[str, float] = {}
    runs = Run.objects.filter(window__business_date=day, state="succeeded")
    for schedule, started, finished in runs.values_list("window__schedule", "started_at", "finished_at"):
        seconds[schedule] = seconds.get(schedule, 0.0) + max((finished - started) / timedelta(seconds=1), 0.0)
    return seconds


def _remove(names: Sequence[str]) -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        cursor.execute("TRUNCATE public.tenants_tenant, public.schedules_registration, public.schedules_window CASCADE")
