"""`end_fee`: a fee that is not charged for further periods."""

from typing import Any

from django.core.management.base import CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from fees.services import end_fee


class Command(BooksWritingCommand):
    """See the module."""

    help = "Charge a fee for no period that begins after a day; what is assessed stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the fee, whose it is, and its end."""
        super().add_arguments(parser)
        parser.add_argument("code", metavar="CODE", help="what it is called")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--product", metavar="CODE", help="whose loans pay it")
        whose.add_argument("--loan", metavar="LOAN", help="the one loan that pays it")
        parser.add_argument("--until", type=iso_date, required=True, dest="ends_on", metavar="DATE", help="last day")

    def handle(self, *_args: Any, **options: Any) -> None:
        """End it, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            end_fee(
                code=options["code"],
                ends_on=options["ends_on"],
                product_code=options["product"],
                loan_number=options["loan"],
            )
        self.report(f"{options['code']} is charged until {options['ends_on']}.", dry_run=options["dry_run"])
