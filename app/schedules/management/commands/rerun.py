"""`rerun`: run again what failed, was skipped, or is in quarantine; safe to repeat."""

from typing import Any

from django.core.management.base import CommandParser

from schedules import services
from schedules.management.operator import NightCommand


class Command(NightCommand):
    """See the module."""

    help = "Run a window's failed and skipped runs again, and only the quarantined items of those that succeeded."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the window, the tenants, `--dry-run` and `--no-wait`."""
        self.add_window(parser)
        self.add_dry_run(parser)
        self.add_waiting(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run again."""
        effect = services.rerun(
            schedule=options["schedule"],
            business_date=options["date"],
            tenants=options["tenant"],
            dry_run=options["dry_run"],
        )
        self.report(effect, done=f"{effect.runs} runs go again.", options=options)
