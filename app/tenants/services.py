"""Tenants come, pause, return and go: the only writers of `Tenant`, `Domain` and the tenants' schemas.

Each service is whole or not at all, and may be repeated after an interruption.
"""

from datetime import datetime

from django.db import connection, transaction
from django_tenants.utils import schema_exists

from common import clock
from tenants import grants, locks, names, selectors, template
from tenants.exceptions import TenantClosedError, TenantExistsError, TenantNotSuspendedError
from tenants.models import Domain, Tenant
from tenants.signals import tenant_status_changed

Status = Tenant.Status


@transaction.atomic
def onboard(*, schema_name: str, name: str, domain: str | None = None, enabled_at: datetime | None = None) -> Tenant:
    """Make a tenant, with a schema cloned from the template, ready for the next night.

    Args:
        schema_name: by the rules of `names.check_schema_name`.
        name: what people call the tenant.
        domain: host name of its site, if it has one.
        enabled_at: the tenant takes part from the business date after this instant; the present by default.
            An instant in the past allows a backfill from there on.

    Raises:
        InvalidNameError: if one of the names cannot be used.
        TenantExistsError: if the schema or the domain is taken.
        TemplateStaleError: if `migrate` has to run first.
        ValueError: if `enabled_at` is naive.
    """
    tenant = Tenant(
        schema_name=names.check_schema_name(schema_name),
        name=names.check_name(name),
        enabled_at=_aware(enabled_at or clock.now()),
    )
    host = domain and names.check_host_name(domain)
    locks.clone_lock()
    _check_free(schema_name, host)
    template.clone(schema_name)
    grants.apply(schema_name)
    locks.participation_lock()  # Last, because every beat waits for it.
    tenant.save()
    if host:
        Domain.objects.create(tenant=tenant, domain=host)
    return tenant


@transaction.atomic
def suspend(*, schema_name: str) -> Tenant:
    """Let a tenant take no part in the night until it is resumed; a body that runs already ends as usual.

    Suspending a suspended tenant changes nothing.

    Raises:
        UnknownTenantError, TenantClosedError: if there is no such tenant to suspend.
    """
    return _change_status(schema_name, new=Status.SUSPENDED)


@transaction.atomic
def resume(*, schema_name: str, catch_up: bool = False) -> Tenant:
    """Let a suspended tenant take part again; resuming an active one changes nothing.

    Args:
        schema_name: the tenant.
        catch_up: also bring back the runs that were skipped meanwhile.

    Raises:
        UnknownTenantError, TenantClosedError: if there is no such tenant to resume.
        TenantNotSuspendedError: if there is nothing to catch up.
    """
    locks.participation_lock()
    if catch_up and selectors.tenant(schema_name).status == Status.ACTIVE:
        raise TenantNotSuspendedError(
            f"{schema_name} is active: resuming catches up nothing. `backfill` runs the days it missed."
        )
    return _change_status(schema_name, new=Status.ACTIVE, catch_up=catch_up)


def close(*, schema_name: str, drop_schema: bool = False) -> Tenant:
    """Let a tenant take no part ever again, and return when no body of it runs any more.

    Its name stays taken, its domains are free at once, its schema is kept unless it is to be dropped. Two
    transactions: in the first nothing new starts; the second waits for the bodies, without holding up the beats.
    When the wait or the drop is interrupted the tenant is closed already, and a repetition does the rest.

    Args:
        schema_name: the tenant.
        drop_schema: drop its schema and all it holds; only the owner can.

    Raises:
        UnknownTenantError: if there is none.
    """
    with transaction.atomic(durable=True):
        _change_status(schema_name, new=Status.CLOSED).domains.all().delete()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        tenant = locks.tenant_after_bodies(schema_name)
        if drop_schema:
            cursor.execute(f"DROP SCHEMA IF EXISTS {connection.ops.quote_name(schema_name)} CASCADE")
    return tenant


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; the business clock is in UTC.")
    return moment


def _check_free(schema_name: str, host: str | None) -> None:
    if Tenant.objects.filter(schema_name=schema_name).exists():
        raise TenantExistsError(f"{schema_name} is a tenant already; a name is used once, even after closing.")
    if schema_exists(schema_name):
        raise TenantExistsError(f"A schema {schema_name} without a tenant is in the way: rename or drop it.")
    if host and Domain.objects.filter(domain=host).exists():
        raise TenantExistsError(f"{host} leads to another tenant; choose another host name.")


def _change_status(schema_name: str, *, new: Tenant.Status, catch_up: bool = False) -> Tenant:
    locks.participation_lock()
    tenant = locks.tenant_beside_bodies(schema_name)
    old = Status(tenant.status)
    if old == new:
        return tenant
    if old == Status.CLOSED:
        raise TenantClosedError(f"{schema_name} is closed for good; onboard a new tenant instead.")
    tenant.status = new
    tenant.save(update_fields=["status"])
    tenant_status_changed.send(sender=Tenant, tenant=tenant, old=old, new=new, catch_up=catch_up)
    return tenant
