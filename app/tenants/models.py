"""Who is served: one row per tenant in the public schema, one Postgres schema per tenant."""

from django.db import models
from django.db.models import Q
from django_tenants.models import DomainMixin, TenantMixin

from tenants.names import HOST_NAME, MAX_LENGTH, TEMPLATE_SCHEMA

# The database's own share of `names.check_schema_name`, for rows that no service wrote.
SCHEMA_NAME = rf"^(?!pg_|public$|information_schema$|{TEMPLATE_SCHEMA}$)[a-z][a-z0-9_]*$"


class Tenant(TenantMixin):  # type: ignore[misc]
    """A loan servicer's client whose books live in a schema of their own."""

    class Status(models.TextChoices):
        """Whether the tenant takes part in the night: yes, not now, never again."""

        ACTIVE = "active"
        SUSPENDED = "suspended"
        CLOSED = "closed"

    schema_name = models.CharField(max_length=MAX_LENGTH, unique=True)
    name = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=Status, default=Status.ACTIVE)
    #: The tenant takes part in the night from the business date after this instant (business clock).
    enabled_at = models.DateTimeField()

    # Schemas are made by `tenants.services.onboard`, by cloning; a saved row alone never makes or drops one.
    auto_create_schema = False
    auto_drop_schema = False

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["active", "suspended", "closed"]), name="tenants_status_is_known"
            ),
            models.CheckConstraint(condition=Q(schema_name__regex=SCHEMA_NAME), name="tenants_schema_name_is_plain"),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="tenants_name_is_not_blank"),
        ]


class Domain(DomainMixin):  # type: ignore[misc]
    """A host name that leads to a tenant's site."""

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(domain__regex=HOST_NAME), name="tenants_domain_is_host_name"),
        ]
