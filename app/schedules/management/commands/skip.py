"""`skip`: give a window's unfinished runs up, with a reason, so that their line goes on."""

from typing import Any

from django.core.management.base import CommandParser

from schedules import services
from schedules.management.operator import NightCommand


class Command(NightCommand):
    """See the module."""

    help = "Skip a window's waiting, ready and failed runs with a reason; what waits for them goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the window, the tenants, the reason and `--dry-run`."""
        self.add_window(parser)
        parser.add_argument("--reason", required=True, help="why; the ledger keeps it")
        self.add_dry_run(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Skip them."""
        effect = services.skip(
            schedule=options["schedule"],
            business_date=options["date"],
            reason=options["reason"],
            tenants=options["tenant"],
            dry_run=options["dry_run"],
        )
        self.report(effect, done=f"{effect.runs} runs skipped.", options=options)
