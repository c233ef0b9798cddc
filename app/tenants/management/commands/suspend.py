"""`suspend`: a tenant takes no part until it is resumed."""

from typing import Any

from tenants import services
from tenants.management.operator import TenantCommand, rehearsal


class Command(TenantCommand):
    """See the module."""

    help = "Suspend a tenant: its open runs are skipped, and it takes no part in the night until it is resumed."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Suspend the tenant."""
        with rehearsal(dry_run=options["dry_run"]):
            tenant = services.suspend(schema_name=options["schema_name"])
        self.report(f"{tenant} is suspended.", dry_run=options["dry_run"])
