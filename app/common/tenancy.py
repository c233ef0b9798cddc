"""Activation: the one place that puts a connection into a tenant's schema, proves it, and takes it out again."""

import re
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
from django.db import connection as django_connection
from django.db import transaction
from psycopg.rows import namedtuple_row

from common.exceptions import (
    NotActivatedError,
    OpenTransactionError,
    RollbackOnlyError,
    TenantNotActiveError,
    UnfinishedBlockError,
    WrongSchemaError,
)
from tenants.exceptions import UnknownTenantError
from tenants.locks import BODY
from tenants.models import SCHEMA_NAME

# Without types: django-tenants' backend adds the schema to Django's connection.
connection: Any = django_connection


@dataclass(kw_only=True)
class Entered:
    """A transaction inside a tenant's schema.

    Args:
        schema_name: the tenant's.
        blocks: how many blocks of Django's are open in it.
        tenant_id: the tenant's id.
        has_left: whether the transaction is back on `public`, all but committed.
        made_temporary: whether the session has held temporary tables.
    """

    schema_name: str
    blocks: int
    tenant_id: int = 0
    has_left: bool = False
    made_temporary: bool = False

    def leave(self) -> None:
        """Prove that the body stayed in its schema, and go back to `public` before the commit.

        For statements of the ledger: Postgres plans a prepared statement anew whenever it finds another search path
        than last time, which costs more than to execute it.

        Raises:
            WrongSchemaError, RollbackOnlyError, UnfinishedBlockError: as `tenant_transaction`.
        """
        if not self.has_left:
            _leave(self)
            self.has_left = True


@contextmanager
def tenant_transaction(schema_name: str, *, hold: Callable[[], None] | None = None) -> Iterator[Entered]:
    """Open a transaction inside one active tenant's schema; whatever happens, the connection ends on `public`.

    Args:
        schema_name: the tenant.
        hold: takes the transaction's locks, the tenant's among them (`tenants.locks.BODY`).

    Raises:
        UnknownTenantError: no tenant has that schema name.
        TenantNotActiveError: the tenant is suspended or closed.
        WrongSchemaError: Postgres did not end up in that schema, or the body left it.
        NotActivatedError: Postgres failed on the way into the schema.
        OpenTransactionError: this connection is in a transaction already.
        RollbackOnlyError: the body ended well, but in a transaction that cannot be committed.
        UnfinishedBlockError: the body left an inner transaction open.
    """
    _refuse_open_transaction()
    around = len(connection.atomic_blocks)
    entered = Entered(schema_name=schema_name, blocks=around + 1)
    try:
        with transaction.atomic(), _cancelled_on_error():
            _enter(entered, hold or partial(_hold, schema_name))
            yield entered
            entered.leave()
    except BaseException:
        if len(connection.atomic_blocks) != around:
            _start_over()
        _forget_schema()
        raise
    if entered.made_temporary:
        # Its temporary tables would outlive the body and hide the next tenant's tables of the same names.
        connection.close()


def _refuse_open_transaction() -> None:
    """Leave somebody's transaction and its path alone; a test case's is let pass, as by Django's `durable`."""
    if any(not block._from_testcase for block in connection.atomic_blocks):  # noqa: SLF001 - nothing else tells
        raise OpenTransactionError


def _start_over() -> None:
    """Replace a session whose transaction a block without end keeps open; Django forgets its blocks with it."""
    _driver().close()
    connection.connect()


def may_be_tenant(schema_name: object) -> bool:
    """Return whether a tenant can have this name; no other value ever reaches Postgres."""
    return isinstance(schema_name, str) and re.fullmatch(SCHEMA_NAME, schema_name) is not None


def _enter(entered: Entered, hold: Callable[[], None]) -> None:
    schema_name = entered.schema_name
    if not may_be_tenant(schema_name):
        raise _unknown(schema_name)
    try:
        hold()
        entered.tenant_id = _activate(schema_name)
    except psycopg.Error as error:
        raise NotActivatedError(schema_name, f"{type(error).__name__}: {error}") from error
    connection.set_schema(schema_name)
    # Already set and proved; django-tenants would repeat it before the next cursor and ignore its errors.
    connection.search_path_set_schemas = [schema_name, "public"]


def _unknown(schema_name: str) -> UnknownTenantError:
    return UnknownTenantError(f"There is no tenant {schema_name[:100]!a}: never onboarded, deleted or renamed.")


_HOLD = f"SELECT {BODY} FROM public.tenants_tenant t WHERE t.schema_name = %(schema_name)s"

# Switches the path for this transaction only. A statement after the lock's, so it sees what a closing that the lock
# waited for has committed. A name that is no schema would leave the session in `public`, where unqualified inserts
# land: hence the proof, which the volatile subquery keeps Postgres from computing before the switch.
_ACTIVATE = """
SELECT tenant.id, tenant.status, CASE WHEN tenant.path IS NOT NULL THEN current_schema() END AS schema
FROM (SELECT t.id, t.status, set_config('search_path', quote_ident(t.schema_name) || ', public', true) AS path
      FROM public.tenants_tenant t WHERE t.schema_name = %(schema_name)s) AS tenant"""

# The session's own path from the commit on: what the body did to it ends here. (Columns are computed in order.)
_GO_HOME = """
SELECT current_schema() AS schema, set_config('search_path', 'public', false),
       pg_my_temp_schema() <> 0 AS made_temporary"""


def _hold(schema_name: str) -> None:
    _send(_HOLD, schema_name=schema_name)


def _activate(schema_name: str) -> int:
    tenant = _send(_ACTIVATE, schema_name=schema_name).fetchone()
    if tenant is None:
        raise _unknown(schema_name)
    if tenant.status != "active":
        raise TenantNotActiveError(schema_name, tenant.status)
    if tenant.schema != schema_name:
        raise WrongSchemaError(schema_name, tenant.schema)
    return int(tenant.id)


def _leave(entered: Entered) -> None:
    if len(connection.atomic_blocks) != entered.blocks:
        raise UnfinishedBlockError(entered.schema_name)
    if connection.needs_rollback:  # Django would roll back instead of committing, and say nothing.
        raise RollbackOnlyError(entered.schema_name)
    home = _send(_GO_HOME).fetchone()
    if home.schema != entered.schema_name:
        raise WrongSchemaError(entered.schema_name, home.schema)
    entered.made_temporary = home.made_temporary
    _forget_schema()


def _forget_schema() -> None:
    """Bring django-tenants in step with Postgres: a commit, like a rollback, leaves the session on `public`."""
    connection.set_schema_to_public()
    connection.search_path_set_schemas = None


_BOOKS_LOCK = "SELECT pg_advisory_xact_lock(%(books)s, %(tenant_id)s)"
# First key of the advisory locks that keep one tenant's books bodies apart.
BOOKS = 0x626F6F6B


def lock_books(tenant_id: int) -> None:
    """Wait until no other books body of this tenant runs, and keep others out until the transaction ends."""
    _send(_BOOKS_LOCK, books=BOOKS, tenant_id=tenant_id)


def prepare_session() -> None:
    """Close a connection Postgres has ended while it was idle, seen without a round trip; the next use reconnects.

    Raises:
        OpenTransactionError: it is not idle at all.
    """
    _refuse_open_transaction()
    driver = connection.connection
    if driver is not None and (driver.closed or _has_unread(driver)):
        connection.close()


def _has_unread(driver: psycopg.Connection[Any]) -> bool:
    """Return whether the server said something unasked: on an idle connection that is its farewell."""
    poll = select.poll()  # Not select(): a web process may hold more than 1,024 files.
    poll.register(driver.pgconn.socket, select.POLLIN)
    return bool(poll.poll(0))


@contextmanager
def _cancelled_on_error() -> Iterator[None]:
    """Cancel a statement a time limit interrupted: dropping the connection alone leaves the server executing it."""
    try:
        yield
    except BaseException:
        driver = connection.connection
        if driver is not None and driver.info.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
            with suppress(psycopg.Error):
                driver.cancel_safe(timeout=2)
            connection.close()
        raise


def _send(statement: str, **params: Any) -> Any:
    return psycopg.Cursor(_driver(), row_factory=namedtuple_row).execute(statement, params, prepare=True)


def _driver() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    driver: psycopg.Connection[Any] = connection.connection
    return driver
