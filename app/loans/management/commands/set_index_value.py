"""`set_index_value`: enter what an index was published at."""

from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from loans.management.reading import percentage
from loans.services.indices import set_index_value


class Command(BooksWritingCommand):
    """See the module."""

    help = "Enter a published value of an index, on which variable rates are fixed; a value once entered stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the index, the day and the value."""
        super().add_arguments(parser)
        parser.add_argument("index", metavar="INDEX", help="the index's code, e.g. SOFR")
        parser.add_argument("date", type=iso_date, metavar="DATE", help="the day it was published")
        parser.add_argument("value", type=percentage, metavar="PERCENT", help="what it was, e.g. 4.375")
        parser.add_argument("--new", action="store_true", help="the index has had no value before")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Enter the value."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            is_entered = set_index_value(
                code=options["index"],
                published_on=options["date"],
                value=options["value"] / 100,
                today=clock.today(),
                is_new=options["new"],
            )
        done = "entered" if is_entered else "entered before, unchanged"
        self.report(
            f"{options['index']} of {options['date']}: {options['value']} %, {done}.", dry_run=options["dry_run"]
        )
