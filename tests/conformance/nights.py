"""Driving nights through the real ledger in this process: opened, claimed, run and released as a worker does it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

from django.db import connection, transaction
from django_tenants.utils import schema_context

from common import clock
from schedules import release
from schedules.catalog import CATALOG
from schedules.models import Run
from schedules.opening import open_due
from tenants import grants, locks, template
from tenants.models import Tenant
from tests.night import work

#: Every job of the catalog, in the order of the night.
JOBS = [schedule.name for schedule in CATALOG]


def make_tenant(schema_name: str, *, like: str = template.TEMPLATE_SCHEMA, enabled_at: datetime) -> Tenant:
    """Make a tenant that takes part from the night after `enabled_at`, with the books of another schema."""
    with transaction.atomic():
        locks.clone_lock()
        template.copy(like, schema_name)
        grants.apply(schema_name)
        locks.participation_lock()
        return Tenant.objects.create(schema_name=schema_name, name=schema_name, enabled_at=enabled_at)


def open_night(night: date) -> None:
    """Let it be noon of a day, and everything due by then be open."""
    clock.set_to(datetime.combine(night, time(12), UTC))
    open_due()


def next_run(*, but: str = "", **only: object) -> Run | None:
    """Return the next run that may start, in due order.

    Args:
        but: a schedule whose runs are left waiting.
        only: what to look for, as Django's filters of `Run`.
    """
    release.release()
    ready = Run.objects.filter(state="ready", **only).exclude(window__schedule=but).select_related("window", "tenant")
    return ready.order_by("window__due_at", "window_id", "rank", "id").first()


def perform(run: Run) -> Run:
    """Do a tenant's whole share of a window: the run, its children if it has them, and their join."""
    while share := next_run(window=run.window, tenant=run.tenant):
        work(share)
    return run


def perform_all(*, but: str = "") -> None:
    """Perform every run that may start, of every schedule but one, until none is left."""
    while run := next_run(but=but):
        work(run)


def unfinished() -> list[tuple[str, str]]:
    """Return schedule and state of every run that is neither done nor skipped."""
    runs = Run.objects.exclude(state__in=["succeeded", "skipped"])
    return list(runs.values_list("window__schedule", "state"))


def share(run: Run) -> list[Run]:
    """Return a run and its children, as the ledger has them now."""
    runs = Run.objects.filter(window=run.window, tenant=run.tenant).select_related("window", "tenant")
    return list(runs.order_by("item"))


def finished(run: Run) -> tuple[str, int]:
    """Return the state of a run, and how many items it and its children left out."""
    runs = share(run)
    return runs[0].state, sum(one.exceptions for one in runs)


@contextmanager
def inside(schema_name: str) -> Iterator[None]:
    """Be in a tenant's schema, in a transaction of its own."""
    with transaction.atomic(), schema_context(schema_name):
        yield


@contextmanager
def interrupted_at(number, deed):
    """Do something before the body's statement of that number, counted from 0; its transaction is open."""
    seen = iter(range(10_000))

    def interrupt(execute, sql, params, many, context):
        if next(seen) == number:
            deed()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupt):
        yield
