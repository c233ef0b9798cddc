"""`forbearance`: ask a loan's borrower for no payment for a while, or for a while longer."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.models import Forbearance
from loans.services import extend_forbearance, grant_forbearance
from loans.services.booking import Booking


class Command(BooksWritingCommand):
    """See the module."""

    help = "Grant a loan forbearance, or extend the one it has; the night ends it on the day after its last."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the days and the terms."""
        super().add_arguments(parser)
        parser.add_argument("action", choices=["grant", "extend"])
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("ends_on", type=iso_date, metavar="LAST_DAY", help="the last day, included")
        parser.add_argument(
            "--from", type=iso_date, dest="starts_on", metavar="DATE", help="grant: the first day; today"
        )
        parser.add_argument("--no-interest", action="store_true", help="grant: no interest accrues meanwhile")
        parser.add_argument(
            "--arrears",
            choices=Forbearance.Arrears.values,
            default=Forbearance.Arrears.LUMP,
            help="grant: at the end, what was not paid is due at once, becomes principal, or is due at maturity",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Grant or extend it."""
        booking = Booking(entry_date=clock.today())
        if options["action"] == "extend" and (options["starts_on"] or options["no_interest"]):
            raise CommandError("An extension moves the last day only: grant another forbearance for other terms.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            if options["action"] == "grant":
                granted = grant_forbearance(
                    loan_number=options["loan"],
                    starts_on=options["starts_on"] or booking.entry_date,
                    ends_on=options["ends_on"],
                    accrues=not options["no_interest"],
                    arrears=options["arrears"],
                    booking=booking,
                )
            else:
                granted = extend_forbearance(loan_number=options["loan"], ends_on=options["ends_on"], booking=booking)
        self.report(f"{options['loan']} is in forbearance {granted}.", dry_run=options["dry_run"])
