"""`close`: a tenant takes no part ever again."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import selectors, services
from tenants.management.operator import TenantCommand


class Command(TenantCommand):
    """See the module."""

    help = "Close a tenant for good, after its running bodies; its schema is kept unless --drop-schema is given."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--drop-schema`."""
        super().add_arguments(parser)
        parser.add_argument("--drop-schema", action="store_true", help="drop the schema and all it holds")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Close the tenant."""
        dry_run, schema_name = options["dry_run"], options["schema_name"]
        # Not rehearsed by doing: every beat would wait for as long as the tenant's longest body runs.
        selectors.tenant(schema_name)
        if not dry_run:
            services.close(schema_name=schema_name, drop_schema=options["drop_schema"])
        schema = "dropped" if options["drop_schema"] else "kept"
        self.report(f"{schema_name} is closed, its schema is {schema}.", dry_run=dry_run)
