"""Calling a tenant task in this process: by hand, and as a worker does for a run of the ledger."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from django.db import connection

from schedules import ad_hoc
from schedules.models import Run
from schedules.publishing import RUN_HEADER
from tenants.locks import BODIES
from tests.nightjobs.models import Effect
from tests.processes import wait_until


def by_hand(task, *args, **kwargs):
    """Call a task as a worker does for a message of `delay`; return the result's handle."""
    return task.apply(args, kwargs)


def ledgered(task, schema_name, *args, **kwargs):
    """Call a task as a worker does for a run, which is made for it; return the handle and the run."""
    run = a_run(task, schema_name, *args, **kwargs)
    return task.apply([schema_name, *args], kwargs, headers={RUN_HEADER: run.pk}), Run.objects.get(pk=run.pk)


def a_run(task, schema_name, *args, **kwargs):
    """Return a tenant's run of a window that is dispatched for it; its message is left unread."""
    key = str(uuid4())
    ad_hoc.dispatch(task=task.name, key=key, queue="control", books=False, args=args, kwargs=kwargs)
    return Run.objects.get(window__key=key, tenant__schema_name=schema_name)


def assert_back_on_public():
    """Assert that the session, the transaction and django-tenants all are where they began."""
    assert connection.schema_name == "public"
    assert not connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_setting('search_path')")
        assert cursor.fetchone() == ("public", "public")
    assert connection.connection.execute("SELECT current_setting('search_path')").fetchone() == ("public",)


def written(schema_name):
    """Return what the deeds wrote into a tenant's schema, in order."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT schedule FROM "{schema_name}".{Effect._meta.db_table} ORDER BY id')
        return [schedule for (schedule,) in cursor.fetchall()]


def somebody_else(role="owner"):
    """Return a connection of its own, as another operator or process would have."""
    return psycopg.connect(os.environ["DATABASE_OWNER_URL" if role == "owner" else "DATABASE_URL"], autocommit=True)


def elsewhere(*statements, role="owner"):
    """Execute statements on another connection; return what the last of them found, if it looks for something."""
    with somebody_else(role) as other:
        for statement in statements:
            cursor = other.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def waylaid(deed):
    """Hold whoever begins a body, and call this function of Postgres on the backend that waits."""

    def act_on_who_waits():
        wait_until(
            lambda: elsewhere(f"SELECT {deed}(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"),
            what="somebody to wait for the tenant's lock",
        )

    with somebody_else() as locker, locker.transaction(), ThreadPoolExecutor(1) as thread:
        locker.execute(f"SELECT pg_advisory_xact_lock({BODIES}, id::integer) FROM tenants_tenant")
        done = thread.submit(act_on_who_waits)
        yield
        done.result()


def in_a_thread(call, *args):
    """Begin a call in a thread with a connection of its own; return the thread."""

    def run():
        try:
            call(*args)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread
