"""Activation: the one place that puts a connection into a tenant's schema, proves it, and takes it out again."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection as django_connection
from django.db import transaction
from psycopg.rows import namedtuple_row

from common.exceptions import TenantNotActiveError, UnknownTenantError, WrongSchemaError

# Without types: django-tenants' backend adds the schema to Django's connection.
connection: Any = django_connection

# Locks the tenant's row against removal while the body runs, and switches the path for this transaction only.
# A name that is no schema would leave the session in `public`, where unqualified inserts land: hence the proof.
_ACTIVATE = """
SELECT t.id, t.status, set_config('search_path', quote_ident(t.schema_name) || ', public', true)
FROM public.tenants_tenant t WHERE t.schema_name = %(schema_name)s FOR KEY SHARE OF t"""

_BOOKS_LOCK = "SELECT pg_advisory_xact_lock(%(books)s, %(tenant_id)s)"
# First key of the advisory locks that keep one tenant's books bodies apart.
BOOKS = 0x626F6F6B


@contextmanager
def tenant_transaction(schema_name: str) -> Iterator[int]:
    """Open a transaction inside one active tenant's schema and yield the tenant's id.

    Whatever happens in it, the connection is back on `public` afterwards.

    Raises:
        UnknownTenantError: no tenant has that schema name.
        TenantNotActiveError: the tenant is suspended or closed.
        WrongSchemaError: Postgres did not end up in that schema, or the body left it.
    """
    try:
        with transaction.atomic(), _cancelled_on_error():
            tenant_id = _activate(schema_name)
            yield tenant_id
            _prove(_current_schema(), schema_name)
    finally:
        _leave()


def drop_dead_connection() -> None:
    """Close a connection Postgres has ended while it was idle, seen without a round trip; the next use reconnects."""
    driver = connection.connection
    if driver is not None and (driver.closed or _has_unread(driver)):
        connection.close()


def _has_unread(driver: psycopg.Connection[Any]) -> bool:
    """Return whether the server said something unasked: on an idle connection that is its farewell."""
    return bool(select.select([driver.pgconn.socket], [], [], 0)[0])


def lock_books(tenant_id: int) -> None:
    """Wait until no other books body of this tenant runs, and keep others out until the transaction ends."""
    _raw().execute(_BOOKS_LOCK, {"books": BOOKS, "tenant_id": tenant_id})


def _activate(schema_name: str) -> int:
    with _raw().pipeline(), _raw().cursor(row_factory=namedtuple_row) as tenants:
        tenants.execute(_ACTIVATE, {"schema_name": schema_name}, prepare=True)
        current = _raw().execute("SELECT current_schema()", prepare=True)
        tenant: Any = tenants.fetchone()
        schema = current.fetchone()
    if tenant is None:
        raise UnknownTenantError(schema_name)
    if tenant.status != "active":
        raise TenantNotActiveError(schema_name, tenant.status)
    _prove(schema and schema[0], schema_name)
    connection.set_schema(schema_name)
    # Already set and proved; django-tenants would repeat it before the next cursor and ignore its errors.
    connection.search_path_set_schemas = [schema_name, "public"]
    tenant_id: int = tenant.id
    return tenant_id


def _prove(actual: str | None, expected: str) -> None:
    if actual != expected or expected == "public":
        raise WrongSchemaError(expected, actual)


def _current_schema() -> str | None:
    row = _raw().execute("SELECT current_schema()", prepare=True).fetchone()
    return row[0] if row else None


def _leave() -> None:
    """Put the connection back on `public`, also when the body changed the session's own path."""
    connection.set_schema_to_public()
    driver = connection.connection
    if driver is None:
        return
    try:
        driver.execute("SET search_path = public")
        connection.search_path_set_schemas = ["public"]
    except psycopg.Error:
        connection.close()


@contextmanager
def _cancelled_on_error() -> Iterator[None]:
    """Cancel a statement a time limit interrupted: dropping the connection alone leaves the server executing it."""
    try:
        yield
    except BaseException:
        driver = connection.connection
        if driver is not None and driver.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
            driver.cancel_safe(timeout=2)
            connection.close()
        raise


def _raw() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    driver: psycopg.Connection[Any] = connection.connection
    return driver
