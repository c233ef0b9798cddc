"""`log_contact`: a call, a letter or another attempt of a person to reach a borrower."""

from typing import Any

from django.core.management.base import CommandParser

from casework.models import Channel
from casework.services.contact import log_contact
from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date


class Command(BooksWritingCommand):
    """See the module."""

    help = "Log an attempt to reach a borrower; it closes the errands of that channel, and calls count for their limit."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the channel and how it went."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("channel", choices=Channel.values)
        parser.add_argument("--on", type=iso_date, dest="made_on", metavar="DATE", help="when (default: today)")
        parser.add_argument("--reached", action="store_true", help="there was a conversation")
        parser.add_argument("--made-by", default="", metavar="WHO", help="who tried")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Log it, and say so."""
        today = clock.today()
        made_on = options["made_on"] or today
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            log_contact(
                loan_number=options["loan"],
                channel=options["channel"],
                made_on=made_on,
                today=today,
                reached=options["reached"],
                made_by=options["made_by"],
            )
        how = "with a conversation" if options["reached"] else "without a conversation"
        self.report(f"{options['channel']} on {made_on} for {options['loan']}, {how}.", dry_run=options["dry_run"])
