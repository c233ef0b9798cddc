"""`licence`: a state's permission, or its renewal."""

from typing import Any

from django.core.management.base import CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from compliance.services import record_licence


class Command(BooksWritingCommand):
    """See the module."""

    help = "Enter a state's licence, or its renewal."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the licence."""
        super().add_arguments(parser)
        parser.add_argument("state", metavar="STATE", help="two capital letters")
        parser.add_argument("number", metavar="NUMBER", help="the state's own")
        parser.add_argument("--from", type=iso_date, required=True, dest="starts_on", metavar="DATE", help="first day")
        parser.add_argument("--until", type=iso_date, required=True, dest="expires_on", metavar="DATE", help="last day")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Enter it, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            licence = record_licence(
                state=options["state"],
                number=options["number"],
                starts_on=options["starts_on"],
                expires_on=options["expires_on"],
            )
        self.report(f"licensed: {licence}.", dry_run=options["dry_run"])
