"""The fixtures of a tenant whose books are empty for every test."""

import pytest

SCHEMA = "books"


@pytest.fixture(scope="module")
def tenant(database):
    """A tenant of this module's own, in a schema that another may have used before."""
    from django.db import connection

    from tenants import template
    from tenants.services import onboard
    from tests import spares

    connection.set_schema_to_public()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(template, "clone", spares.lend)
        tenant = onboard(schema_name=SCHEMA, name="Books")
    yield tenant
    connection.close()
    spares.take_back()
    tenant.delete()
    connection.close()


@pytest.fixture
def books(tenant):
    """A transaction in the tenant's schema, undone after the test."""
    from django.db import connection, transaction

    connection.set_schema(SCHEMA)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    connection.set_schema_to_public()
