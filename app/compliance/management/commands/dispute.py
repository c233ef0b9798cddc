"""`dispute`: a consumer's dispute, opened or answered."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from compliance.services import answer_dispute, record_dispute


class Command(BooksWritingCommand):
    """See the module."""

    help = "Open a consumer's dispute of a loan, or say when it was answered."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the dispute and its days."""
        super().add_arguments(parser)
        parser.add_argument("reference", metavar="REFERENCE", help="the dispute's own")
        parser.add_argument("--loan", metavar="LOAN", help="open: the loan's number")
        parser.add_argument("--received", type=iso_date, metavar="DATE", help="open: the day it came")
        parser.add_argument(
            "--due", type=iso_date, metavar="DATE", help="open: last day for the answer (30 days later)"
        )
        parser.add_argument("--answered", type=iso_date, metavar="DATE", help="the day the answer went out")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Open or answer it, and say so."""
        reference, loan, received, answered = (options[n] for n in ("reference", "loan", "received", "answered"))
        if (answered is None) == (loan is None or received is None):
            raise CommandError("Give --loan and --received to open the dispute, or --answered to close it.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            if answered:
                answer_dispute(reference=reference, answered_on=answered)
                done = f"{reference} is answered on {answered}."
            else:
                opened = record_dispute(
                    reference=reference, loan_number=loan, received_on=received, due_on=options["due"]
                )
                done = f"{reference} about {loan} is to be answered by {opened.due_on}."
        self.report(done, dry_run=options["dry_run"])
