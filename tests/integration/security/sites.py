"""Tenants' own sites, and who signs in there."""

from django.test import Client

from tenants.models import Domain, Tenant


def host_of(schema_name):
    return f"{schema_name}.localhost"


def give_sites(*schema_names):
    """Give tenants a host name each."""
    for tenant in Tenant.objects.filter(schema_name__in=schema_names):
        Domain.objects.get_or_create(tenant=tenant, domain=host_of(tenant.schema_name), defaults={"is_primary": True})


def at_home(schema_name, *, bound_to=()):
    """Return a browser at a tenant's site, with a superuser who is bound to these tenants."""
    from django.contrib.auth.models import User

    from board.models import TenantBinding

    give_sites(schema_name)
    user = User.objects.create_superuser(f"root-{User.objects.count()}")
    for name in bound_to:
        TenantBinding.objects.create(user=user, tenant=Tenant.objects.get(schema_name=name))
    client = Client(HTTP_HOST=host_of(schema_name))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
