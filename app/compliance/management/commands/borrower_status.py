"""`borrower_status`: what no monitor has told, e.g. that a borrower is in military service."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from compliance.models import Report
from compliance.services import end_status, record_status


class Command(BooksWritingCommand):
    """See the module."""

    help = "Say that a loan's borrower has a status from a day on, or that it ended; the next night's rules see it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the status and its days."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("status", choices=Report.Status.values)
        parser.add_argument("--from", type=iso_date, dest="since", metavar="DATE", help="the first day")
        parser.add_argument("--until", type=iso_date, metavar="DATE", help="the last day; alone, it ends the status")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Record it, and say so."""
        loan, status, since, until = (options[name] for name in ("loan", "status", "since", "until"))
        if since is None and until is None:
            raise CommandError("Give --from for a status that begins, or --until for one that ends.")
        said = {"loan_number": loan, "status": status, "until": until, "today": clock.today()}
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            report = record_status(since=since, **said) if since else end_status(**said)
        days = f"from {report.since}" + (f" until {report.until}" if report.until else "")
        self.report(f"{loan} is {status} {days}.", dry_run=options["dry_run"])
