"""What is known about the tenants: reads for this app's services and commands."""

from django.db import connection
from django.db.models import QuerySet

from tenants.exceptions import UnknownTenantError
from tenants.models import Tenant


def tenant(schema_name: str, *, among: QuerySet[Tenant] | None = None) -> Tenant:
    """Return one tenant.

    Args:
        schema_name: exactly as it was onboarded.
        among: the query set to look in, such as a locking one; all tenants by default.

    Raises:
        UnknownTenantError: if there is none.
    """
    tenants = Tenant.objects.all() if among is None else among
    try:
        found: Tenant = tenants.get(schema_name=schema_name)
    except Tenant.DoesNotExist:
        message = f"There is no tenant {schema_name!a}; `manage.py tenants` lists them."
        raise UnknownTenantError(message) from None
    return found


def current_schema() -> str:
    """Return the schema that the connection is in: a tenant's, or `public`."""
    schema_name: str = connection.schema_name  # type: ignore[attr-defined] # django-tenants adds it
    return schema_name


def all_tenants() -> QuerySet[Tenant]:
    """Return every tenant with its domains, by schema name, closed ones included."""
    tenants: QuerySet[Tenant] = Tenant.objects.all()
    return tenants.prefetch_related("domains").order_by("schema_name")


def schema_names() -> list[str]:
    """Return the schemas that migrations must reach: all but those dropped when their tenant was closed.

    A schema missing without that is returned, so that whoever goes through the list stumbles over it.
    """
    present = _present_schemas()
    closed = Tenant.Status.CLOSED
    named = Tenant.objects.order_by("schema_name").values_list("schema_name", "status")
    return [name for name, status in named if name in present or status != closed]


def _present_schemas() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace")
        return frozenset(name for (name,) in cursor.fetchall())
