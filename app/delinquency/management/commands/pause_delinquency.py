"""`pause_delinquency`: days past due that are not counted, e.g. after a disaster."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from delinquency.services import end_pause, pause
from loans.services.booking import Booking


class Command(BooksWritingCommand):
    """See the module."""

    help = "Stop the count of a loan's days past due, or let it go on; nights done already are judged again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan and the days."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("--from", type=iso_date, dest="starts_on", metavar="DATE", help="the first day not counted")
        parser.add_argument(
            "--resume", type=iso_date, dest="resumes_on", metavar="DATE", help="the first day counted again"
        )
        parser.add_argument("--reason", help="in words; needed with --from")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Pause or resume, and say so."""
        starts_on, resumes_on, reason = options["starts_on"], options["resumes_on"], options["reason"]
        if not (reason if starts_on else resumes_on):
            raise CommandError("Give --from and --reason to pause, or --resume alone to end a pause.")
        if starts_on and resumes_on and resumes_on <= starts_on:
            raise CommandError(f"The days count again from {resumes_on} on: that must be after {starts_on}.")
        booking, loan = Booking(entry_date=clock.today()), {"loan_number": options["loan"]}
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            if starts_on:
                pause(**loan, starts_on=starts_on, resumes_on=resumes_on, reason=reason, booking=booking)
            else:
                end_pause(**loan, resumes_on=resumes_on, booking=booking)
        stops = f"stop counting on {starts_on}" if starts_on else ""
        counts = f"count again from {resumes_on}" if resumes_on else ""
        done = f"the days past due of {options['loan']} {' and '.join(filter(None, (stops, counts)))}."
        self.report(done, dry_run=options["dry_run"])
