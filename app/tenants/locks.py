"""Every lock of this app, in the order they are taken: the clone's, participation's, then a tenant's row."""

from django.db import connection, transaction

from tenants import selectors
from tenants.models import Tenant

# Advisory locks have two numbers: the first is Matins's own in a database it may share with others.
MATINS = 0x4D415449  # "MATI"
CLONE, PARTICIPATION = 1, 2


def participation_lock() -> None:
    """Hold still who takes part in the night until the transaction ends.

    Taken by whoever opens and expands windows, and by onboard, suspend, resume and close, so that an expand
    sees each of these whole or not at all. Every beat waits for it: hold it for milliseconds.

    Raises:
        TransactionManagementError: outside a transaction, where the lock would be gone at once.
    """
    _advisory_lock(PARTICIPATION)


def clone_lock() -> None:
    """Let one transaction at a time clone: `clone_schema` makes and drops types of its own in public.

    Raises:
        TransactionManagementError: outside a transaction.
    """
    _advisory_lock(CLONE)


def tenant_beside_bodies(schema_name: str) -> Tenant:
    """Return the tenant with its row locked against other changes of status, while its bodies run on.

    Bodies hold the row `FOR KEY SHARE`, which goes with `FOR NO KEY UPDATE`.

    Raises:
        UnknownTenantError: if there is none.
    """
    return selectors.tenant(schema_name, among=Tenant.objects.select_for_update(no_key=True))


def tenant_after_bodies(schema_name: str) -> Tenant:
    """Return the tenant with its row locked, as soon as no body of it runs any more.

    Raises:
        UnknownTenantError: if there is none.
    """
    return selectors.tenant(schema_name, among=Tenant.objects.select_for_update())


def _advisory_lock(number: int) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("This lock lasts as long as a transaction; open one first.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [MATINS, number])
