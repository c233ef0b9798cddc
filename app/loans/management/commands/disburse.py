"""`disburse`: pay out more principal on a loan that runs."""

from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.management.reading import dollars
from loans.services import disburse
from loans.services.booking import Booking


class Command(BooksWritingCommand):
    """See the module."""

    help = "Book a payout on a loan that runs, and make its instalments to come level again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the amount and the day."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("amount", type=dollars, metavar="AMOUNT", help="dollars and cents")
        parser.add_argument("--on", type=iso_date, metavar="DATE", help="the day it was paid out; today by default")
        parser.add_argument("--reference", default="", help="the payout's own reference")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Book it."""
        today = clock.today()
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            payment = disburse(
                loan_number=options["loan"],
                amount=options["amount"],
                effective_date=options["on"] or today,
                reference=options["reference"],
                booking=Booking(entry_date=today),
            )
        level = f"the next instalments are of {payment}" if payment else "no instalment is to come"
        self.report(f"{options['loan']}: {options['amount']} paid out, {level}.", dry_run=options["dry_run"])
