"""Whole nights of a catalog on a real beat and a real worker of two processes, for a hundred tenants and for one.

Only the clock is simulated: it steps to the next due time as soon as the night is done so far. One tenant is built and
has its first night, which is not measured; the others begin as its copies, and later they all, or one of them, have
their loans multiplied. A job's time is what its runs took in the workers, from start to finish, added up.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from time import perf_counter, sleep
from typing import Any

from django.conf import settings
from django.db import connection

from bench import copies, portfolio, rare
from bench.memory import watched

TENANTS = 100
LOANS = 10_000
#: How often one tenant alone is multiplied by ten: a hundred tenants' loans.
DECADES = 2


def measure(catalog: str) -> dict[str, Any]:
    """Return the seconds of a catalog's night, loans a second by job, and what a night of half the loans took.

    Django is set up as the database owner, and `migrate` has run.

    Args:
        catalog: dotted path of the catalog.
    """
    with stage(catalog) as names:
        return many(names)


def many(names: Sequence[str]) -> dict[str, Any]:
    """Return the figures of `measure`, of tenants that have half the loans and then all of them."""
    half = night(2, f"{len(names)} tenants of {LOANS // 2:,} loans")
    copies.multiply(names, times=2)
    whole = night(3, f"{len(names)} tenants of {LOANS:,} loans")
    rates = {job: TENANTS * LOANS / seconds for job, seconds in whole["jobs"].items()}
    memory = {name: whole[name] for name in ("worker_mb", "postgres_mb")}
    ratio = {"half_s": half["s"], "ratio_for_double": whole["s"] / half["s"]}
    return {"ours_s": whole["s"], **ratio, **memory, "jobs_at_work": whole["at_work"], "loans_per_s": rates}


def alone(names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Return what `night` does, by loans, of one of the tenants alone, its loans multiplied from night to night."""
    from tenants.services import close

    for name in names[1:]:
        close(schema_name=name, drop_schema=True)
    taken = {LOANS: night(4, f"one tenant of {LOANS:,} loans")}
    for decade in range(1, DECADES + 1):
        loans = LOANS * 10**decade
        copies.multiply(names[:1], times=10)
        taken[loans] = night(4 + decade, f"one tenant of {loans:,} loans")
    return taken


@contextmanager
def nights_of(path: str) -> Iterator[None]:
    """Use another catalog than the one empty job of the other rows."""
    from schedules import registry

    usual = settings.MATINS_CATALOG
    os.environ["MATINS_CATALOG"] = settings.MATINS_CATALOG = path
    registry.catalog.cache_clear()
    try:
        yield
    finally:
        os.environ["MATINS_CATALOG"] = settings.MATINS_CATALOG = usual
        registry.catalog.cache_clear()


@contextmanager
def stage(catalog: str) -> Iterator[list[str]]:
    """Run a beat and a worker for tenants of half the loans each, one night behind them; they are gone afterwards."""
    names = [f"bench_{n}" for n in range(TENANTS)]
    with nights_of(catalog):
        _register(portfolio.night(0))
        try:
            portfolio.build(names[0], loans=LOANS // 2)
            rare.arrange(names[0], portfolio.AS_OF)
            with _processes():
                night(1, f"one tenant of {LOANS // 2:,} loans")
                _copy(names)
                yield names
        finally:
            _remove(names)


def night(number: int, whose: str) -> dict[str, Any]:
    """Return the seconds of one night, in all and by job, how many jobs counted anything, and the peak memory.

    `kept` and `grown` are the bytes of the database after the night, and what the night added.
    """
    _tell(f"night {number}: {whose}")
    day, before = portfolio.night(number), _kept()
    with watched() as peak:
        seconds = _run_night(day)
    kept = {"kept": _kept(), "grown": _kept() - before}
    return {"s": seconds, "jobs": _seconds_by_job(day), "at_work": float(_at_work(day)), **kept, **peak}


def _copy(names: Sequence[str]) -> None:
    from tenants.services import onboard

    for name in names[1:]:
        onboard(schema_name=name, name=name, enabled_at=portfolio.eve(2))
    copies.copy(names[0], names[1:])


def _tell(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


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


def _kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _at_work(day: date) -> int:
    from schedules.models import Run

    runs = Run.objects.filter(window__business_date=day, state="succeeded").values_list("window__schedule", "counts")
    return len({schedule for schedule, counts in runs if any((counts or {}).values())})


def _remove(names: Sequence[str]) -> None:
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        cursor.execute("TRUNCATE public.tenants_tenant, public.schedules_registration, public.schedules_window CASCADE")
