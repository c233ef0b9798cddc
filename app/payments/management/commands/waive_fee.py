"""`waive_fee`: a fee that is not asked for any more."""

from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand
from loans.services.booking import Booking
from payments.management.reading import dollars
from payments.services import waive_fee


class Command(BooksWritingCommand):
    """See the module."""

    help = "Waive a fee, or a part of it; it is not assessed again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the fee, the reason and the amount."""
        super().add_arguments(parser)
        parser.add_argument("fee", metavar="FEE", help="the fee's reference")
        parser.add_argument("--reason", required=True, help="in words")
        parser.add_argument("--amount", type=dollars, help="dollars and cents (default: all that is unpaid of it)")
        parser.add_argument("--by", default="", help="who waives it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Waive it, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            waiver = waive_fee(
                fee=options["fee"],
                amount=options["amount"],
                reason=options["reason"],
                posted_by=options["by"],
                booking=Booking(entry_date=clock.today()),
            )
            done = f"{waiver.fees} of fee {waiver.fee} on loan {waiver.loan} is waived."
        self.report(done, dry_run=options["dry_run"])
