"""Every lock of this app, in the order they are taken: the clone's, participation's, then a tenant's row."""

from django.db import connection, transaction

from tenants import selectors
from tenants.models import Tenant

# Advisory locks have two numbers: the first is Matins's own in a database it may share with others.
MATINS = 0x4D415449  # "MATI"
CLONE, PARTICIPATION = 1, 2
# The first number where the second is a tenant's id.
BODIES = 0x4D415442  # "MATB"

#: SQL: a body's share of the lock on its tenant `t`, until its transaction ends; NULL where none may begin. Unlike a
#: lock on the row it writes nothing, so that a body that writes nothing commits without waiting for the disk. Whoever
#: takes it must read the tenant's status again in a later statement: this one may have waited for a closing.
BODY = f"CASE WHEN t.status = 'active' THEN pg_advisory_xact_lock_shared({BODIES}, t.id::integer) END"


def participation_lock() -> None:
    """Hold still who takes part in the night until the transaction ends.

    Taken by whoever opens and expands windows, and by onboard, suspend, resume and close, so that an expand
    sees each of these whole or not at all. Every beat waits for it: hold it for milliseconds.

    Raises:
        TransactionManagementError: outside a transaction, where the lock would be gone at once.
    """
    _advisory_lock(MATINS, PARTICIPATION)


def clone_lock() -> None:
    """Let one transaction at a time clone: `clone_schema` makes and drops types of its own in public.

    Raises:
        TransactionManagementError: outside a transaction.
    """
    _advisory_lock(MATINS, CLONE)


def tenant_beside_bodies(schema_name: str) -> Tenant:
    """Return the tenant with its row locked against other changes of status, while its bodies run on.

    Raises:
        UnknownTenantError: if there is none.
    """
    return selectors.tenant(schema_name, among=Tenant.objects.select_for_update(no_key=True))


def tenant_after_bodies(schema_name: str) -> Tenant:
    """Return the tenant, locked, as soon as no body of it runs any more; until the transaction ends none begins.

    Raises:
        UnknownTenantError: if there is none.
    """
    _advisory_lock(BODIES, selectors.tenant(schema_name).pk)
    return selectors.tenant(schema_name, among=Tenant.objects.select_for_update())


def _advisory_lock(first: int, second: int) -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("This lock lasts as long as a transaction; open one first.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [first, second])
