"""`set_statements`: how often a loan's statements come, and whether by e-mail or on paper."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand
from statements.models import Cycle
from statements.services import set_cycle, set_electronic


class Command(BooksWritingCommand):
    """See the module."""

    help = "Choose how often a loan's statements come, from the period on that ends today or later, and how."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan and what is chosen."""
        super().add_arguments(parser)
        parser.add_argument("--loan", required=True, metavar="LOAN", help="the loan's number")
        parser.add_argument("--cycle", choices=Cycle.values, help="monthly (until one is chosen), biweekly, quarterly")
        channel = parser.add_mutually_exclusive_group()
        channel.add_argument("--email", action="store_true", help="the borrower has agreed to get them by e-mail")
        channel.add_argument(
            "--paper", action="store_true", help="the borrower has withdrawn from that, or never agreed"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Choose it, and say so.

        Raises:
            CommandError: nothing was chosen.
        """
        if not (options["cycle"] or options["email"] or options["paper"]):
            raise CommandError("Nothing is chosen: give --cycle, --email or --paper.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            chosen = list(_choose(options))
        self.report(f"Statements of loan {options['loan']} come {' and '.join(chosen)}.", dry_run=options["dry_run"])


def _choose(options: dict[str, Any]) -> Any:
    loan, today = options["loan"], clock.today()
    if options["cycle"]:
        set_cycle(loan_number=loan, cycle=options["cycle"], business_date=today)
        yield options["cycle"]
    if options["email"] or options["paper"]:
        set_electronic(loan_number=loan, electronic=options["email"], business_date=today)
        yield "by e-mail" if options["email"] else "on paper"
