"""`onboard`: a new tenant, ready for the next night."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandParser

from tenants import services
from tenants.management.operator import TenantCommand, rehearsal


class Command(TenantCommand):
    """See the module."""

    help = "Onboard a tenant: clone its schema from the template and let it take part from the next business date."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the tenant's particulars."""
        super().add_arguments(parser)
        parser.add_argument("--name", required=True, help="what people call the tenant")
        parser.add_argument("--domain", help="host name of its site, such as acme.example.com")
        parser.add_argument(
            "--enabled-at",
            type=_instant,
            metavar="ISO",
            help="take part from the business date after this instant (UTC unless it says otherwise); default: now",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Onboard the tenant."""
        with rehearsal(dry_run=options["dry_run"]):
            tenant = services.onboard(
                schema_name=options["schema_name"],
                name=options["name"],
                domain=options["domain"],
                enabled_at=options["enabled_at"],
            )
        since = f"{tenant.enabled_at:%Y-%m-%d %H:%M} UTC"
        self.report(f"{tenant} is onboarded, enabled at {since}.", dry_run=options["dry_run"])


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
