"""`reverse_payment`: a payment that is taken back."""

from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.services.booking import Booking
from payments.services import reverse_payment


class Command(BooksWritingCommand):
    """See the module."""

    help = "Take a payment back by mirrored movements; a loan that it had ended goes on. Nothing is deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the payment, the reason and the day."""
        super().add_arguments(parser)
        parser.add_argument("reference", metavar="REFERENCE", help="the payment's")
        parser.add_argument("--reason", required=True, help="a return code, or in words")
        parser.add_argument("--effective", type=iso_date, metavar="DATE", help="the day it counts for (default: today)")
        parser.add_argument("--by", default="", help="who takes it back")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Take it back, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            reversal = reverse_payment(
                reference=options["reference"],
                reason=options["reason"],
                effective_date=options["effective"],
                posted_by=options["by"],
                booking=Booking(entry_date=clock.today()),
            )
            payment = reversal.payment
            done = f"payment {payment} of {payment.amount} is taken back as of {reversal.effective_date}."
        self.report(done, dry_run=options["dry_run"])
