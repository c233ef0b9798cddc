"""Driving nights through the real ledger in this process: opened, claimed, run and released as a worker does it."""

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django_tenants.utils import schema_context

from common import clock
from common.checksum import checksum
from schedules import release
from schedules.catalog import CATALOG
from schedules.models import Run
from schedules.opening import open_due
from tenants import grants, locks, template
from tenants.models import Tenant
from tests.conformance import world
from tests.night import work
from tests.stage import deploy

#: Every job of the catalog that is due at most once a day, in the order of the night.
JOBS = [schedule.name for schedule in CATALOG if schedule.is_dated]


@dataclass(frozen=True, kw_only=True)
class Done:
    """What one job did in one undisturbed night: its counts, and the books before and after it."""

    counts: Mapping[str, int]
    before: str
    after: str


@dataclass(kw_only=True)
class History:
    """The undisturbed nights of the world."""

    done: dict[tuple[str, date], Done] = field(default_factory=dict)
    #: The books after each night.
    closing: dict[date, str] = field(default_factory=dict)

    def night_of(self, job: str) -> date:
        """Return the night in which a job does the most kinds of things, then the most of them; not the last one."""
        nights = [night for night in world.NIGHTS[:-1] if (job, night) in self.done and self._works(job, night)]
        assert nights, f"{job} has nothing to do in the world: give it a loan in tests/conformance/world.py."
        return max(nights, key=lambda night: self._work(job, night))

    def _works(self, job: str, night: date) -> bool:
        done = self.done[job, night]
        return done.before != done.after and any(done.counts.values())

    def _work(self, job: str, night: date) -> tuple[int, int]:
        counts = self.done[job, night].counts.values()
        return len([count for count in counts if count]), sum(counts)


def record() -> History:
    """Live through the world's nights undisturbed, and put the books before each of them on a shelf."""
    history = History()
    deploy(CATALOG, at=world.EVE)
    make_tenant("history", like=None, enabled_at=world.EVE)
    with schema_context("history"):
        world.build()
    digest = books("history")
    for night in world.NIGHTS:
        shelve("history", night)
        open_night(night)
        while run := next_run():
            work(run)
            run.refresh_from_db()
            assert (run.state, run.exceptions) == ("succeeded", 0), (run.reason, run.traceback)
            before, digest = digest, books("history")
            history.done[run.window.schedule, night] = Done(counts=run.counts, before=before, after=digest)
        history.closing[night] = digest
    return history


def shelf(night: date) -> str:
    """Return the schema that keeps the books as they were before a night."""
    return f"shelf_{night:%Y_%m_%d}"


def shelve(schema_name: str, night: date) -> None:
    """Keep a copy of a tenant's books."""
    with transaction.atomic():
        locks.clone_lock()
        template.copy(schema_name, shelf(night))


def make_tenant(schema_name: str, *, like: str | None, enabled_at: datetime) -> Tenant:
    """Make a tenant that takes part from the night after `enabled_at`, with the books of a shelf or none."""
    with transaction.atomic():
        locks.clone_lock()
        template.copy(like or template.TEMPLATE_SCHEMA, schema_name)
        grants.apply(schema_name)
        locks.participation_lock()
        return Tenant.objects.create(schema_name=schema_name, name=schema_name, enabled_at=enabled_at)


def begin(night: date, *schema_names: str) -> None:
    """Set the stage for a night: a deployment since yesterday, and tenants with the world's books before it."""
    eve = datetime.combine(night, time(12), UTC) - timedelta(days=1)
    deploy(CATALOG, at=eve)
    for schema_name in schema_names:
        make_tenant(schema_name, like=shelf(night), enabled_at=eve)


def open_night(night: date) -> None:
    """Let it be noon of a day, and everything due by then be open."""
    clock.set_to(datetime.combine(night, time(12), UTC))
    open_due()


def next_run() -> Run | None:
    """Return the next run that may start, in due order."""
    release.release()
    ready = Run.objects.filter(state="ready").select_related("window", "tenant")
    return ready.order_by("window__due_at", "window_id", "id").first()


def work_before(job: str, night: date) -> list[Run]:
    """Do all that comes before a job of a night; return its runs, one a tenant, none of them begun."""
    while run := next_run():
        if (run.window.schedule, run.window.business_date) == (job, night):
            break
        work(run)
    runs = Run.objects.filter(window__schedule=job, window__business_date=night).select_related("window", "tenant")
    return list(runs.order_by("tenant__schema_name"))


def work_all() -> None:
    """Do every run that may start until none is left."""
    while run := next_run():
        work(run)


def unfinished() -> list[tuple[str, str]]:
    """Return schedule and state of every run that is neither done nor skipped."""
    runs = Run.objects.exclude(state__in=["succeeded", "skipped"])
    return list(runs.values_list("window__schedule", "state"))


def finished(run: Run) -> tuple[str, int]:
    """Return a run's state and how many items it left out."""
    run.refresh_from_db()
    return run.state, run.exceptions


def books(schema_name: str) -> str:
    """Return the checksum of a tenant's books."""
    with schema_context(schema_name):
        return checksum()


@contextmanager
def inside(schema_name: str):
    """Be in a tenant's schema, in a transaction of its own."""
    with transaction.atomic(), schema_context(schema_name):
        yield


def clear(*, shelves: bool) -> None:
    """Leave nothing of tenants, ledger and time; the shelves only when told so."""
    connection.close()
    with connection.cursor() as cursor:
        kept = "" if shelves else "AND nspname !~ '^shelf_'"
        cursor.execute(f"SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' {kept}")
        for name in {row[0] for row in cursor.fetchall()} - {"public", "information_schema", template.TEMPLATE_SCHEMA}:
            cursor.execute(f"DROP SCHEMA {connection.ops.quote_name(name)} CASCADE")
        ours = "schemaname = 'public' AND tablename ~ '^(tenants|schedules)_'"
        cursor.execute(f"SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE {ours}")
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
    connection.close()
