"""`tenants`: who is served."""

import json
from typing import Any, TextIO, cast

from django.core.management.base import CommandParser
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tenants import selectors
from tenants.management.operator import OperatorCommand
from tenants.models import Tenant

STYLES = {Tenant.Status.ACTIVE: "green", Tenant.Status.SUSPENDED: "yellow", Tenant.Status.CLOSED: "dim"}


class Command(OperatorCommand):
    """See the module."""

    help = "List the tenants."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--json`."""
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print one line per tenant."""
        tenants = list(selectors.all_tenants())
        if options["json"]:
            self.stdout.write(json.dumps([_object(tenant) for tenant in tenants], indent=2))
        else:
            Console(file=cast("TextIO", self.stdout)).print(_table(tenants))


def _object(tenant: Tenant) -> dict[str, Any]:
    return {
        "schema_name": tenant.schema_name,
        "name": tenant.name,
        "status": tenant.status,
        "enabled_at": tenant.enabled_at.isoformat(),
        "domains": _domains(tenant),
    }


def _table(tenants: list[Tenant]) -> Table:
    table = Table("schema", "name", "status", "enabled at (UTC)", "domains")
    for tenant in tenants:
        enabled_at = f"{tenant.enabled_at:%Y-%m-%d %H:%M}"
        cells = (tenant.schema_name, tenant.name, tenant.status, enabled_at, ", ".join(_domains(tenant)))
        table.add_row(*map(escape, cells), style=STYLES[Tenant.Status(tenant.status)])
    return table


def _domains(tenant: Tenant) -> list[str]:
    return [domain.domain for domain in tenant.domains.all()]
