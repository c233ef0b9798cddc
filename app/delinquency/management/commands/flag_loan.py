"""`flag_loan`: a bankruptcy or a death, which is a default whatever is paid."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from delinquency.models import Flag
from delinquency.services import flag, unflag


class Command(BooksWritingCommand):
    """See the module."""

    help = "Flag a loan as in default from a day on, or end its flag; the next night acts on it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, the flag and the day."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("kind", choices=Flag.Kind.values)
        parser.add_argument("--from", type=iso_date, dest="starts_on", metavar="DATE", help="the first day")
        parser.add_argument("--until", type=iso_date, dest="ends_on", metavar="DATE", help="ends it; the last day")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Flag or unflag, and say so."""
        loan, kind, starts_on, ends_on = (options[name] for name in ("loan", "kind", "starts_on", "ends_on"))
        if (starts_on is None) == (ends_on is None):
            raise CommandError("Give --from to flag the loan, or --until to end its flag.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            if starts_on:
                flag(loan_number=loan, kind=kind, starts_on=starts_on)
            else:
                unflag(loan_number=loan, kind=kind, ends_on=ends_on)
        when = f"from {starts_on}" if starts_on else f"until {ends_on}"
        self.report(f"{loan} is flagged {kind} {when}.", dry_run=options["dry_run"])
