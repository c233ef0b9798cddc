"""`payment_plan`: arrears that are paid off in parts."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError, CommandParser

from casework.services.plans import make_plan, withdraw_plan
from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.grid import add_months
from loans.management.reading import dollars


class Command(BooksWritingCommand):
    """See the module."""

    help = "Agree on a payment plan, or withdraw the one that runs; while it runs, the loan is not dunned."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the parts and what is tolerated."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("--amount", type=dollars, help="of each instalment, in dollars")
        parser.add_argument("--first", type=iso_date, metavar="DATE", help="when the first one is due")
        parser.add_argument("--count", type=int, default=1, help="how many there are (default: 1)")
        parser.add_argument("--days", type=int, help="from one to the next (default: a month)")
        parser.add_argument("--tolerance", type=int, default=0, metavar="DAYS", help="so much later is still in time")
        parser.add_argument(
            "--misses", type=int, default=0, help="missed instalments that do not break it (default: 0)"
        )
        parser.add_argument("--made-by", default="", metavar="WHO", help="who agreed to it")
        parser.add_argument("--withdraw", action="store_true", help="end the plan that runs")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Agree or withdraw, and say so."""
        loan, amount, first = options["loan"], options["amount"], options["first"]
        if (amount is not None and first is not None) == options["withdraw"]:
            raise CommandError("Give --amount and --first for a new plan, or --withdraw alone.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            if options["withdraw"]:
                withdraw_plan(loan_number=loan, withdrawn_on=clock.today())
            else:
                self._agree(loan, [(day, amount) for day in _days(first, options["count"], options["days"])], options)
        what = "withdraws its plan" if options["withdraw"] else f"pays {options['count']} x {amount} from {first} on"
        self.report(f"{loan} {what}.", dry_run=options["dry_run"])

    def _agree(self, loan: str, instalments: list[tuple[date, Decimal]], options: dict[str, Any]) -> None:
        make_plan(
            loan_number=loan,
            instalments=instalments,
            made_on=clock.today(),
            tolerance_days=options["tolerance"],
            misses_allowed=options["misses"],
            made_by=options["made_by"],
        )


def _days(first: date, count: int, days: int | None) -> Iterator[date]:
    for number in range(count):
        yield first + timedelta(days=number * days) if days else add_months(first, number)
