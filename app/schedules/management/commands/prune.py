"""`prune`: retention; finished windows older than it leave the ledger, in batches, as the owner."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from schedules import retention
from schedules.management.operator import NightCommand


class Command(NightCommand):
    """See the module."""

    help = "Remove finished windows, delivered messages and dead beats older than the retention."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--days` and `--dry-run`."""
        parser.add_argument("--days", type=int, default=settings.MATINS_RETENTION_DAYS, metavar="N", help="keep N days")
        self.add_dry_run(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prune the ledger."""
        pruned = retention.prune(days=options["days"], dry_run=options["dry_run"])
        verb = "would leave" if options["dry_run"] else "left"
        self.stdout.write(f"{pruned.windows} windows with {pruned.runs} runs and {pruned.messages} messages {verb}.")
