"""`promise`: what a borrower promises to pay by a day."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from casework.services.promises import make_promise, withdraw_promise
from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.management.reading import dollars


class Command(BooksWritingCommand):
    """See the module."""

    help = "Keep a promise to pay on record, or withdraw it; while it is open, the loan is not dunned."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the sum and the days."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("--by", type=iso_date, required=True, dest="due_on", metavar="DATE", help="to be paid by")
        parser.add_argument("--amount", type=dollars, help="what is promised, in dollars")
        parser.add_argument("--tolerance", type=int, default=0, metavar="DAYS", help="so much later is still in time")
        parser.add_argument("--made-by", default="", metavar="WHO", help="who took the promise")
        parser.add_argument("--withdraw", action="store_true", help="take back the open promise of that day")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Keep or withdraw it, and say so."""
        loan, due_on, amount = options["loan"], options["due_on"], options["amount"]
        if (amount is None) != options["withdraw"]:
            raise CommandError("Give --amount for a new promise, or --withdraw to take one back.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            if options["withdraw"]:
                withdraw_promise(loan_number=loan, due_on=due_on, withdrawn_on=clock.today())
            else:
                make_promise(
                    loan_number=loan,
                    amount=amount,
                    made_on=clock.today(),
                    due_on=due_on,
                    tolerance_days=options["tolerance"],
                    made_by=options["made_by"],
                )
        what = "withdraws its promise" if options["withdraw"] else f"promises {amount}"
        self.report(f"{loan} {what} by {due_on}.", dry_run=options["dry_run"])
