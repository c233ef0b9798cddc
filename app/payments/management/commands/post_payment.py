"""`post_payment`: a payment that came in."""

from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.services.booking import Booking
from payments.management.reading import dollars
from payments.services import post_payment


class Command(BooksWritingCommand):
    """See the module."""

    help = "Post a payment; an earlier effective date replays what came after. The same reference posts it once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what the payment says."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("amount", type=dollars, metavar="AMOUNT", help="dollars and cents")
        parser.add_argument("--reference", required=True, help="the payment's own: posted twice, it counts once")
        parser.add_argument("--effective", type=iso_date, metavar="DATE", help="the day it counts for (default: today)")
        parser.add_argument("--currency", default="USD", help="(default: USD)")
        parser.add_argument("--by", default="", help="who posts it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Post it, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            payment = post_payment(
                loan_number=options["loan"],
                amount=options["amount"],
                reference=options["reference"],
                effective_date=options["effective"],
                currency=options["currency"],
                posted_by=options["by"],
                booking=Booking(entry_date=clock.today()),
            )
            done = f"payment {payment} of {payment.amount} on loan {payment.loan} counts from {payment.effective_date}."
        self.report(done, dry_run=options["dry_run"])
