"""Who is served: one row per tenant in the public schema, one Postgres schema per tenant."""

from django.db import models
from django_tenants.models import DomainMixin, TenantMixin


class Tenant(TenantMixin):
    """A loan servicer's client whose books live in a schema of their own."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"
        CLOSED = "closed"

    name = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=Status, default=Status.ACTIVE)
    #: The tenant takes part in the night from the business date after this instant (business clock).
    enabled_at = models.DateTimeField()

    # Schemas are made by `tenants.services.onboard`, by cloning; a saved row alone never makes or drops one.
    auto_create_schema = False
    auto_drop_schema = False


class Domain(DomainMixin):
    """A host name that leads to a tenant's site."""
