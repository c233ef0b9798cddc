"""`run_window`: bring one window into the ledger now, and watch it."""

from typing import Any

from django.core.management.base import CommandParser

from schedules import services
from schedules.management.operator import NightCommand


class Command(NightCommand):
    """See the module."""

    help = "Open one schedule's window of a business date now, with everything due before it, and wait for its runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the window, `--dry-run` and `--no-wait`."""
        parser.add_argument("schedule", metavar="SCHEDULE", help="the schedule's name")
        self.add_date(parser)
        self.add_dry_run(parser)
        self.add_waiting(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Open the window."""
        effect = services.run_window(
            schedule=options["schedule"], business_date=options["date"], dry_run=options["dry_run"]
        )
        self.report(effect, done=f"{options['schedule']} of {options['date']}.", options=options)
