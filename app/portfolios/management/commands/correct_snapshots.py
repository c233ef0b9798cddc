"""`correct_snapshots`: take a night's snapshots again, and keep what they said before."""

from typing import Any

from django.core.management.base import CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from portfolios.services import correct_snapshots as correct


class Command(BooksWritingCommand):
    """See the module."""

    help = "Take a night's snapshots again: what differs by now is written as a new version, and all is added up."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the night."""
        super().add_arguments(parser)
        parser.add_argument("--date", type=iso_date, required=True, metavar="DATE", help="the night's business date")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take them, and say what changed and what is left out."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            outcome = correct(business_date=options["date"])
        for item in outcome.quarantined:
            self.stdout.write(f"{item.key} is left out: {item.reason}")
        done = "{written} of {loans} snapshots of {date} are new.".format(**outcome.counts, date=options["date"])
        self.report(done, dry_run=options["dry_run"])
