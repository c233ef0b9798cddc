"""`set_reporter`: who a tenant is to the credit bureaus."""

from typing import Any

from django.core.management.base import CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand
from credit_reporting.models import Bureau
from credit_reporting.services import set_reporter


class Command(BooksWritingCommand):
    """See the module."""

    help = "Let a tenant report to the bureaus that gave it a program id, from the next Metro 2 file on."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who reports, and the ids."""
        super().add_arguments(parser)
        parser.add_argument("--name", required=True, help="as the bureaus know it; up to 40 characters")
        parser.add_argument("--address", required=True, help="on one line; up to 96 characters")
        parser.add_argument("--phone", required=True, metavar="DIGITS", help="ten digits")
        parser.add_argument(
            "--identification-number",
            required=True,
            metavar="NUMBER",
            help="stands in every record: 5 to 20 capital letters and digits; a change is announced by the next file",
        )
        for bureau in Bureau:
            parser.add_argument(f"--{bureau}", default="", metavar="ID", help=f"program id that {bureau.label} gave")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Set it, and say so."""
        program_ids = {bureau: options[bureau] for bureau in Bureau}
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            reporter = set_reporter(
                name=options["name"],
                address=options["address"],
                phone=options["phone"],
                identification_number=options["identification_number"],
                program_ids=program_ids,
            )
        bureaus = ", ".join(bureau.label for bureau in reporter.program_ids)
        self.report(f"{reporter.name} reports to {bureaus}.", dry_run=options["dry_run"])
