"""`waive_interest`: interest that is not asked for any more."""

from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand
from loans.services.booking import Booking
from payments.management.reading import dollars
from payments.services import waive_interest


class Command(BooksWritingCommand):
    """See the module."""

    help = "Waive interest that is owed on a loan."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the amount and the reason."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("amount", type=dollars, metavar="AMOUNT", help="dollars and cents")
        parser.add_argument("--reason", required=True, help="in words")
        parser.add_argument("--by", default="", help="who waives it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Waive it, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            waiver = waive_interest(
                loan_number=options["loan"],
                amount=options["amount"],
                reason=options["reason"],
                posted_by=options["by"],
                booking=Booking(entry_date=clock.today()),
            )
            done = f"{waiver.interest} of interest on loan {waiver.loan} is waived."
        self.report(done, dry_run=options["dry_run"])
