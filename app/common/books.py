"""Writing a tenant's books by hand: alone, and without waiting for long."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from psycopg.errors import LockNotAvailable

from common.context import rehearsing
from common.exceptions import BooksBusyError
from common.tenancy import Entered, lock_books, tenant_transaction

#: A tenant's usual books run takes less; whoever waits longer is told to try again.
WAIT_S = 5


@contextmanager
def books_transaction(schema_name: str, *, dry_run: bool = False) -> Iterator[Entered]:
    """Open a transaction in which nobody else writes the tenant's books.

    Args:
        schema_name: the tenant.
        dry_run: do all of it, and keep nothing.

    Raises:
        BooksBusyError: somebody else did not finish within `WAIT_S` seconds.
        UnknownTenantError, TenantNotActiveError: as `common.tenancy.tenant_transaction`.
    """
    with tenant_transaction(schema_name) as entered:
        _lock(schema_name, entered.tenant_id)
        with transaction.atomic(), rehearsing(dry_run=dry_run):
            yield entered
            transaction.set_rollback(dry_run)


def _lock(schema_name: str, tenant_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
        try:
            lock_books(tenant_id)
        except LockNotAvailable as error:
            raise BooksBusyError(schema_name) from error
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")
