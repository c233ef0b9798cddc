"""`statement`: a statement as a file, and its document again when that was lost."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from common.management.operator import BooksCommand, iso_date
from common.tenancy import tenant_transaction
from statements.models import Statement
from statements.services import restore, write_html, write_pdf
from statements.services.documents import statement_of


class Command(BooksCommand):
    """See the module."""

    help = "Write a loan's statement to a file, as its borrower gets it, with name and address."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the statement, and what becomes of it."""
        super().add_arguments(parser)
        parser.add_argument("--loan", required=True, metavar="LOAN", help="the loan's number")
        parser.add_argument(
            "--period-end", type=iso_date, required=True, metavar="DATE", help="the last day of its period"
        )
        parser.add_argument("--pdf", type=Path, metavar="FILE", help="write it there as PDF")
        parser.add_argument("--html", type=Path, metavar="FILE", help="write it there as HTML")
        parser.add_argument(
            "--restore",
            action="store_true",
            help="first make the stored archive it is in again from the books; refused if any document would differ",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do what was asked, and say so; without a file, print what the statement comes to."""
        with tenant_transaction(options["tenant"]):
            statement = statement_of(options["loan"], options["period_end"])
            if options["restore"]:
                self._say(f"{restore(statement)} documents of {statement.stored_in} are made again.")
            self._write(statement, options)
            if not (options["pdf"] or options["html"] or options["restore"]):
                self._say(_told(statement))

    def _write(self, statement: Statement, options: dict[str, Any]) -> None:
        for write, path in ((write_pdf, options["pdf"]), (write_html, options["html"])):
            if path:
                write(statement, path)
                self._say(f"{path}: {_told(statement)}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)


def _told(statement: Statement) -> str:
    period = f"{statement.period_start} to {statement.period_end}"
    return f"loan {statement.loan.number}, {period}, closing balance {statement.closing}, due {statement.amount_due}."
