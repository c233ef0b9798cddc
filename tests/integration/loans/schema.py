"""The fixtures of a tenant whose books are empty for every test."""

import pytest

SCHEMA = "books"


@pytest.fixture(scope="module")
def tenant(database):
    """A tenant of this module's own."""
    from django.db import connection

    from tenants.services import onboard

    connection.set_schema_to_public()
    tenant = onboard(schema_name=SCHEMA, name="Books")
    yield tenant
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
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
