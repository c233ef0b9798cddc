"""What one tenant gets in Grafana: a folder, a dashboard in it, and a team that may see them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from ops.dashboards.own import own
from ops.dashboards.rendering import text
from ops.dashboards.site import Site
from tenants.models import Tenant
from tenants.selectors import all_tenants

FOLDER, DASHBOARD = "matins-folder-", "matins-tenant-"

#: Grafana's limit.
UID_MAX_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class Share:
    """One tenant's part of a Grafana.

    Args:
        tenant: its schema name.
        name: what people call it.
    """

    tenant: str
    name: str

    @property
    def folder_uid(self) -> str:
        """The folder's uid, the same at every sync."""
        return _uid(FOLDER, self.tenant)

    @property
    def dashboard_uid(self) -> str:
        """The dashboard's uid; a folder's must not be a dashboard's too."""
        return _uid(DASHBOARD, self.tenant)

    @property
    def folder_title(self) -> str:
        """The folder's title: names repeat, schema names do not."""
        return f"{self.name} ({self.tenant})"

    @property
    def team(self) -> str:
        """Name of the team whose members may see the folder."""
        return f"Matins tenant {self.tenant}"

    def dashboard(self, site: Site) -> str:
        """Return the dashboard as JSON."""
        successes = settings.MATINS_TENANT_SERIES == "full"
        return text(own(site, tenant=self.tenant, name=self.name, uid=self.dashboard_uid, successes=successes))


def shares() -> tuple[list[Share], list[Share]]:
    """Return what active tenants get, and what suspended ones keep if they have it."""
    by_status = {status: list(_of(status)) for status in (Tenant.Status.ACTIVE, Tenant.Status.SUSPENDED)}
    return by_status[Tenant.Status.ACTIVE], by_status[Tenant.Status.SUSPENDED]


def _of(status: Tenant.Status) -> Iterator[Share]:
    named = all_tenants().filter(status=status).prefetch_related(None).values_list("schema_name", "name")
    return (Share(tenant=schema_name, name=name) for schema_name, name in named)


def _uid(prefix: str, tenant: str) -> str:
    plain = f"{prefix}{tenant}"
    if len(plain) <= UID_MAX_LENGTH:
        return plain
    # No plain one can be the same: schema names have no hyphen.
    digest = hashlib.sha256(tenant.encode()).hexdigest()[:10]
    return f"{plain[: UID_MAX_LENGTH - 11]}-{digest}"
