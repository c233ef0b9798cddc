"""`close_period`: close a month of a tenant's books for good."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from common.management.operator import BooksWritingCommand
from loans.services.periods import close_month


class Command(BooksWritingCommand):
    """See the module."""

    help = "Close a month that is over, finished and reconciled: nothing can be booked in it or before it any more."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the month, the tenant and `--dry-run`."""
        parser.add_argument("month", type=_month, metavar="YYYY-MM", help="the month")
        super().add_arguments(parser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Close the month and say what it was closed with."""
        dry_run = options["dry_run"]
        closed = close_month(schema_name=options["tenant"], month=options["month"], dry_run=dry_run)
        self.report(f"the books of {options['tenant']} are closed through {closed.starts_on:%Y-%m}.", dry_run=dry_run)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a month like 2024-02") from None
