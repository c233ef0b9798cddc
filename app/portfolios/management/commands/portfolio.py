"""`portfolio`: open a portfolio, or close it."""

from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand
from portfolios.services import close_portfolio, open_portfolio


class Command(BooksWritingCommand):
    """See the module."""

    help = "Open a portfolio from tonight on, or close it: the next night then moves its loans by the rules left."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to do, and the portfolio."""
        super().add_arguments(parser)
        parser.add_argument("action", choices=["open", "close"])
        parser.add_argument("code", metavar="CODE", help="what rules and reports call it, at most 20 letters")
        parser.add_argument("--name", default="", help="open: for people; the code by default")
        parser.add_argument("--owner", default="", help="open: who answers for it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Open or close it, and say so."""
        code, today = options["code"], clock.today()
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            if options["action"] == "open":
                open_portfolio(code=code, name=options["name"] or code, owner=options["owner"], opened_on=today)
            else:
                close_portfolio(code=code, closed_on=today)
        done = "open from the next night on" if options["action"] == "open" else f"closed after the night of {today}"
        self.report(f"{code}: {done}.", dry_run=options["dry_run"])
