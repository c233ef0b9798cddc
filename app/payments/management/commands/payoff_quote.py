"""`payoff_quote`: what ends a loan on a day."""

from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksCommand, iso_date
from payments.services import payoff_quote


class Command(BooksCommand):
    """See the module."""

    help = "Say what pays a loan off on a day, its own interest included; nothing is written."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan and the day."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("--on", type=iso_date, metavar="DATE", help="today (the default) or later")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the sum and what it is made of."""
        today = clock.today()
        with books_transaction(options["tenant"], dry_run=True):
            quote = payoff_quote(loan_number=options["loan"], on=options["on"] or today, today=today)
        owed = quote.balances
        self.stdout.write(
            f"{quote.amount:.2f} pays loan {quote.loan} off on {quote.on}: principal {owed.principal:.2f}, "
            f"interest {owed.interest:.2f}, fees {owed.fees:.2f}."
        )
