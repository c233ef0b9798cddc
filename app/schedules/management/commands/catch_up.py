"""`catch_up`: open now what should have been opened while nobody was ticking."""

from typing import Any

from django.core.management.base import CommandParser

from schedules import services
from schedules.management.operator import NightCommand


class Command(NightCommand):
    """See the module."""

    help = "Open every due window the ledger lacks, as a beat would, and wait for its runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--dry-run` and `--no-wait`."""
        self.add_dry_run(parser)
        self.add_waiting(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Catch up."""
        effect = services.catch_up(dry_run=options["dry_run"])
        self.report(effect, done=f"{len(effect.lines)} windows were missing.", options=options)
