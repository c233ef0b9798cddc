"""`promo`: promise a loan a better rate for a while, or end a promise before its last day."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.management.reading import percentage
from loans.models import Promo
from loans.services import end_promo, grant_promo
from loans.services.booking import Booking


class Command(BooksWritingCommand):
    """See the module."""

    help = "Grant a loan a promotional rate, or end one today; the night ends it on the day after its last."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the days and the rate."""
        super().add_arguments(parser)
        parser.add_argument("action", choices=["grant", "end"])
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("starts_on", type=iso_date, metavar="FIRST_DAY", help="the promotion's first day")
        parser.add_argument("--through", type=iso_date, metavar="DATE", help="grant: the last day, included")
        parser.add_argument("--rate", type=percentage, metavar="PERCENT", help="grant: the rate meanwhile, e.g. 0")
        parser.add_argument(
            "--deferred",
            action="store_true",
            help="grant: the interest is only deferred, and all of it is due if principal is owed at the end",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Grant or end it."""
        is_granted = options["action"] == "grant"
        if is_granted and (options["through"] is None or options["rate"] is None):
            raise CommandError("A promotion has a last day and a rate: give --through and --rate.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            promo = self._grant(options) if is_granted else self._end(options)
        done = f"ended on {promo.ended_on}" if promo.ended_on else "granted"
        self.report(f"{options['loan']}: {promo}, {done}.", dry_run=options["dry_run"])

    def _grant(self, options: dict[str, Any]) -> Promo:
        return grant_promo(
            loan_number=options["loan"],
            rate=options["rate"] / 100,
            starts_on=options["starts_on"],
            ends_on=options["through"],
            kind=Promo.Kind.DEFERRED_INTEREST if options["deferred"] else Promo.Kind.RATE,
            booking=Booking(entry_date=clock.today()),
        )

    def _end(self, options: dict[str, Any]) -> Promo:
        booking = Booking(entry_date=clock.today())
        return end_promo(loan_number=options["loan"], starts_on=options["starts_on"], booking=booking)
