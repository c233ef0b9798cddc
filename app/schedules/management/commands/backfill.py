"""`backfill`: run a past range of one schedule."""

from typing import Any

from django.core.management.base import CommandParser

from schedules import services
from schedules.management.operator import NightCommand, iso_date


class Command(NightCommand):
    """See the module."""

    help = "Open a past range of one schedule, skipped windows included; refused where later books stand on it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the schedule, the range, the tenants, `--dry-run` and `--no-wait`."""
        parser.add_argument("--schedule", required=True, metavar="SCHEDULE", help="the schedule's name")
        parser.add_argument("--from", dest="first", required=True, type=iso_date, metavar="DATE", help="first date")
        parser.add_argument("--to", dest="last", required=True, type=iso_date, metavar="DATE", help="last date")
        self.add_tenants(parser)
        self.add_dry_run(parser)
        self.add_waiting(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Backfill the range."""
        effect = services.backfill(
            schedule=options["schedule"],
            first=options["first"],
            last=options["last"],
            tenants=options["tenant"],
            dry_run=options["dry_run"],
        )
        self.report(effect, done=f"{len(effect.lines)} windows, {effect.runs} runs.", options=options)
