"""`resume`: a suspended tenant takes part again."""

from typing import Any

from django.core.management.base import CommandParser

from tenants import services
from tenants.management.operator import TenantCommand, rehearsal


class Command(TenantCommand):
    """See the module."""

    help = "Resume a suspended tenant, with --catch-up also the runs that were skipped meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--catch-up`."""
        super().add_arguments(parser)
        parser.add_argument("--catch-up", action="store_true", help="bring back what was skipped meanwhile")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Resume the tenant."""
        with rehearsal(dry_run=options["dry_run"]):
            tenant = services.resume(schema_name=options["schema_name"], catch_up=options["catch_up"])
        self.report(f"{tenant} is active.", dry_run=options["dry_run"])
