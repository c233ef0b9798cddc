"""`tenants`: who is served."""

import json
from typing import Any, TextIO, cast

from django.core.management.base import CommandParser
from rich.console import Console
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
        rows = [_row(tenant) for tenant in selectors.all_tenants()]
        if options["json"]:
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            Console(file=cast("TextIO", self.stdout)).print(_table(rows))


def _row(tenant: Tenant) -> dict[str, Any]:
    return {
        "schema_name": tenant.schema_name,
        "name": tenant.name,
        "status": tenant.status,
        "enabled_at": tenant.enabled_at.isoformat(timespec="minutes"),
        "domains": [domain.domain for domain in tenant.domains.all()],
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        "schema",
        "name",
        "status",
        "enabled at",
        "domains",
    )
    for row in rows:
        table.add_row(
            row["schema_name"],
            row["name"],
            row["status"],
            row["enabled_at"],
            ", ".join(row["domains"]),
            style=STYLES[row["status"]],
        )
    return table
