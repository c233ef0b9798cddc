"""`portfolio_rule`: say which loans belong to a portfolio."""

from dataclasses import fields
from typing import Any

from django.core.management.base import CommandError, CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.management.reading import dollars
from portfolios.models import Rule
from portfolios.services import Conditions, end_rule, set_rule


class Command(BooksWritingCommand):
    """See the module."""

    help = "Set a rule from the next night on, in place of the version before; or end it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to do, the rule, and what a loan must be to fit it."""
        super().add_arguments(parser)
        parser.add_argument("action", choices=["set", "end"])
        parser.add_argument("code", metavar="CODE", help="what the rule is called, at most 20 letters")
        parser.add_argument("--portfolio", metavar="CODE", help="set: where loans go that fit all of it")
        parser.add_argument("--priority", type=int, default=100, help="set: the lowest is asked first (default: 100)")
        parser.add_argument("--product", action="append", dest="products", metavar="CODE", help="may be repeated")
        parser.add_argument("--state", action="append", dest="states", metavar="STATE", help="may be repeated")
        parser.add_argument("--dpd-from", type=int, metavar="DAYS", help="days past due, at least")
        parser.add_argument("--dpd-through", type=int, metavar="DAYS", help="days past due, at most")
        parser.add_argument("--balance-from", type=dollars, metavar="DOLLARS", help="principal owed, at least")
        parser.add_argument("--balance-below", type=dollars, metavar="DOLLARS", help="principal owed, less than")
        parser.add_argument("--originated-from", type=iso_date, metavar="DATE", help="the first day")
        parser.add_argument("--originated-through", type=iso_date, metavar="DATE", help="the last day, included")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set or end it, and say so."""
        if options["action"] == "set" and options["portfolio"] is None:
            raise CommandError("A rule names a portfolio: give --portfolio.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            rule = self._set(options) if options["action"] == "set" else self._end(options)
        done = f"its last night is that of {rule.until}" if rule.until else f"loans go to {rule.portfolio}"
        self.report(f"{rule.code}, version {rule.version}: {done}.", dry_run=options["dry_run"])

    def _set(self, options: dict[str, Any]) -> Rule:
        said = {one.name: options[one.name] for one in fields(Conditions) if options[one.name] is not None}
        return set_rule(
            code=options["code"],
            portfolio_code=options["portfolio"],
            priority=options["priority"],
            conditions=Conditions(**said),
            since=clock.today(),
        )

    def _end(self, options: dict[str, Any]) -> Rule:
        return end_rule(code=options["code"], until=clock.today())
