"""`contact_preference`: what a borrower said of being contacted."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from casework.models import Channel, ContactPreference
from casework.services.contact import end_preference, prefer
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date


class Command(BooksWritingCommand):
    """See the module."""

    help = "Say that a borrower agrees to a channel, has opted out of it, wants no contact, or has an attorney."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, what was said, and the days."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the number of one of the borrower's loans; it holds for all")
        parser.add_argument("kind", choices=ContactPreference.Kind.values)
        parser.add_argument("--channel", choices=Channel.values, default="", help="for consent and opt-out")
        parser.add_argument("--from", type=iso_date, dest="starts_on", metavar="DATE", help="the first day")
        parser.add_argument("--until", type=iso_date, dest="ends_on", metavar="DATE", help="ends it; the last day")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Say or end it, and report that."""
        starts_on, ends_on = options["starts_on"], options["ends_on"]
        if (starts_on is None) == (ends_on is None):
            raise CommandError("Give --from for what the borrower says, or --until to end it.")
        said = {"loan_number": options["loan"], "kind": options["kind"], "channel": options["channel"]}
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            if starts_on:
                prefer(**said, starts_on=starts_on)
            else:
                end_preference(**said, ends_on=ends_on)
        what = " ".join(filter(None, (options["kind"], options["channel"])))
        when = f"from {starts_on}" if starts_on else f"until {ends_on}"
        self.report(f"{what} is on record for the borrower of {options['loan']} {when}.", dry_run=options["dry_run"])
