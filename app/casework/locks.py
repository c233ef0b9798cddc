"""Where rows of cases are locked: what people do with a case waits for the night, and the night for them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from casework.exceptions import CaseBusyError, NoSuchCaseError
from casework.models import Case
from common.tenancy import tenant_transaction

#: The night holds cases for less; whoever waits longer is told to try again.
WAIT_S = 5


@contextmanager
def by_hand(schema_name: str, *, dry_run: bool = False) -> Iterator[None]:
    """Open a transaction in which people write a tenant's casework; the books are not locked.

    Args:
        schema_name: the tenant.
        dry_run: do all of it, and keep nothing.

    Raises:
        UnknownTenantError, TenantNotActiveError: as `common.tenancy.tenant_transaction`.
    """
    with tenant_transaction(schema_name), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
        yield
        transaction.set_rollback(dry_run)


def locked_case(number: str) -> Case:
    """Return a case that nobody else changes until the transaction ends.

    Raises:
        NoSuchCaseError: no case has this number.
        CaseBusyError: somebody else does not let go of it.
    """
    try:
        return Case.objects.select_for_update(no_key=True).get(number=number)
    except Case.DoesNotExist as error:
        raise NoSuchCaseError(number) from error
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise CaseBusyError(number) from error
        raise
