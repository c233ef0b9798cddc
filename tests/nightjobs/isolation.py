"""Jobs that try to leave their tenant's schema, or its transaction, by every way a body has.

Every body says first that it began (`starts` of this module: a process's own; `began` of a file: everybody's), then
writes one row, then does its deed.
"""

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, IntegrityError, connection, transaction
from django_tenants.utils import schema_context

from common.outcomes import BadItem, Child, FanOut, Outcome
from common.tasks import TenantTask, async_task_delay, current_run
from tests.nightjobs.models import Effect

#: The schema names whose bodies began in this process.
starts: list[str] = []


def began() -> list[str]:
    """Return the schema names whose bodies began in any process."""
    path = _diary()
    return path.read_text().split() if path.exists() else []


def forget() -> None:
    """Forget which bodies began."""
    starts.clear()
    _diary().unlink(missing_ok=True)


def _diary() -> Path:
    return Path(os.environ["MATINS_TEST_ORDERS"]).with_name("began")


def _begin(schema_name):
    starts.append(schema_name)
    with _diary().open("a") as diary:
        diary.write(f"{schema_name}\n")


def sql(statement, *params):
    """Execute a statement through Django and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else []


def place():
    """Return where this process's connection is: its schema, its path, and who serves it."""
    driver = connection.connection
    row = driver.execute("SELECT current_schema(), current_setting('search_path'), pg_backend_pid(), current_user")
    schema, path, backend, role = row.fetchone()
    return {"schema": schema, "path": path, "backend": backend, "role": role, "process": os.getpid()}


@shared_task(base=TenantTask, bind=True, max_retries=0)
def act(self, schema_name, deed="nothing", other="public", business_date=None):
    """Write a row, do the deed, and return where the body was at its end."""
    _begin(schema_name)
    assert place()["schema"] == schema_name
    Effect.objects.create(schedule=deed, seen=0, business_date=business_date)
    DEEDS[deed](other)
    return place() if current_run() is None else Outcome(counts={"rows": 1})


@shared_task(base=TenantTask, bind=True, max_retries=0, soft_time_limit=1, time_limit=3)
def hurried(self, schema_name, deed="nothing", other="public"):
    """Act in a hurry."""
    return act.run(schema_name, deed, other)


@shared_task(base=TenantTask, bind=True, max_retries=0, chunked=True)
def in_steps(self, schema_name, deed="nothing", other="public"):
    """Write a row in each of three transactions, with the deed in the second."""
    for step in ("one", deed, "three"):
        _begin(schema_name)
        assert place()["schema"] == schema_name
        Effect.objects.create(schedule=step, seen=0)
        if step == "yield inside":
            with transaction.atomic():
                yield
        DEEDS.get(step, DEEDS["nothing"])(other)
        yield
    return Outcome(counts={"rows": 3})


@shared_task(base=TenantTask, bind=True, max_retries=0)
def gather(self, results, schema_name):
    """Write what a chord's header returned; Canvas puts that first."""
    _begin(schema_name)
    Effect.objects.create(schedule="gather", seen=len(results))
    return [result["schema"] for result in results]


@shared_task(base=TenantTask, bind=True, max_retries=0)
def strict(self, schema_name, portfolio, business_date, *, rate="0.00"):
    """Take arguments of every kind, and write them down."""
    _begin(schema_name)
    Effect.objects.create(schedule=f"{portfolio} {rate}", seen=0, business_date=business_date)
    return {"portfolio": portfolio, "rate": rate, "date": business_date}


@shared_task(base=TenantTask, bind=True, max_retries=0)
def picking(self, schema_name):
    """Leave one item out."""
    return Outcome(counts={"rows": 3}, quarantined=[BadItem(model="x.Y", key="k", reason="broken")])


@shared_task(base=TenantTask, bind=True, max_retries=0)
def fanning(self, schema_name, joined=None):
    """Fan out, which only the ledger can do."""
    Effect.objects.create(schedule="fanning", seen=0)
    return FanOut(task=act.name, children=[Child(item="a")])


@shared_task(base=TenantTask, bind=True, max_retries=0)
def asynchronous(self, schema_name, depth=0):
    """Run an event loop of its own, as a body that polls an API does, and dispatch on from there."""

    async def poll():
        await asyncio.sleep(0)
        if depth:
            result = await async_task_delay(self, schema_name, depth=depth - 1)
            return 1 + result.get(disable_sync_subtasks=False)
        return 0

    return asyncio.run(poll())


@shared_task(base=TenantTask)
def unbound(schema_name, business_date=None):
    """Do without the task itself as first argument."""
    _begin(schema_name)
    return {"date": business_date}


@shared_task
def no_tenants(value=None):
    """Belong to no tenant."""
    return value


def _integrity_error(_):
    Effect.objects.create(id=Effect.objects.latest("id").id, schedule="twin", seen=0)


def _caught_in_a_savepoint(_):
    with suppress(IntegrityError), transaction.atomic():
        _integrity_error(_)
    Effect.objects.create(schedule="after the savepoint", seen=0)


def _caught_without_a_savepoint(_):
    with suppress(DatabaseError):
        sql("SELECT 1/0")


def _doomed(_):
    with suppress(ValueError), transaction.atomic(savepoint=False):
        raise ValueError("swallowed, but Django remembers")


def _leave_a_block_open(_):
    transaction.atomic().__enter__()


def _write_elsewhere(other):
    with schema_context(other):
        Effect.objects.create(schedule="elsewhere", seen=0)


def _stay_elsewhere(other):
    connection.set_schema(other)
    Effect.objects.create(schedule="elsewhere", seen=0)


def _temporary(_):
    sql("CREATE TEMPORARY TABLE nightjobs_effect (LIKE public.schedules_beat)")


def _call_another(other):
    act(other)


def _ignore_the_soft_limit(_):
    with suppress(SoftTimeLimitExceeded):
        sql("SELECT pg_sleep(60)")
    time.sleep(60)


def _raise(error):
    def deed(_):
        raise error

    return deed


DEEDS = {
    "nothing": lambda _: None,
    "raise": _raise(RuntimeError("told to")),
    "exit": _raise(SystemExit(3)),
    "interrupt": _raise(KeyboardInterrupt()),
    "database error": lambda _: sql("SELECT 1/0"),
    "integrity error": _integrity_error,
    "caught in a savepoint": _caught_in_a_savepoint,
    "caught without a savepoint": _caught_without_a_savepoint,
    "doomed": _doomed,
    "leave a block open": _leave_a_block_open,
    "set": lambda other: sql(f"SET search_path = {other}"),
    "set local": lambda other: sql(f"SET LOCAL search_path = {other}"),
    "set_config": lambda other: sql("SELECT set_config('search_path', %s, false)", other),
    "set and raise": lambda other: (sql(f"SET search_path = {other}"), _raise(RuntimeError("told to"))(other)),
    "set back": lambda other: (sql(f"SET search_path = {other}"), sql("SET search_path = acme, beta")),
    "write elsewhere": _write_elsewhere,
    "stay elsewhere": _stay_elsewhere,
    "commit": lambda _: sql("COMMIT"),
    "roll back": lambda _: sql("ROLLBACK"),
    "temporary": _temporary,
    "call another": _call_another,
    "lose the connection": lambda _: sql("SELECT pg_terminate_backend(pg_backend_pid())"),
    "close the connection": lambda _: connection.close(),
    "sleep": lambda _: time.sleep(60),
    "sleep in Postgres": lambda _: sql("SELECT pg_sleep(60)"),
    "ignore the soft limit": _ignore_the_soft_limit,
}
