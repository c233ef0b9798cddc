"""`define_calendar`: when people work, and when not."""

from typing import Any

from django.core.management.base import CommandParser

from casework.locks import by_hand
from casework.management.reading import hours
from casework.services import define_calendar, public_holidays
from common import clock
from common.management.operator import BooksWritingCommand, iso_date

#: Public holidays are entered for this year and so many after it.
YEARS_AHEAD = 5


class Command(BooksWritingCommand):
    """See the module."""

    help = "Make a calendar or change its hours; holidays are added to those it has."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the calendar, its week and its holidays."""
        super().add_arguments(parser)
        parser.add_argument("calendar", metavar="CODE", help="what it is called")
        parser.add_argument("--zone", required=True, help="its time zone, e.g. America/New_York")
        parser.add_argument(
            "--hours", type=hours, action="extend", required=True, help="e.g. mon-fri=09:00-17:00; again for other days"
        )
        parser.add_argument("--holidays", metavar="COUNTRY", help="its public holidays, e.g. US or US-CA")
        parser.add_argument(
            "--holiday", type=iso_date, action="append", default=[], metavar="DATE", help="one of its own"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it, and say so."""
        year = clock.today().year
        closed_on = dict.fromkeys(options["holiday"], "")
        with by_hand(options["tenant"], dry_run=options["dry_run"]):
            if options["holidays"]:
                closed_on |= public_holidays(options["holidays"], range(year, year + YEARS_AHEAD + 1))
            calendar = define_calendar(
                code=options["calendar"], zone=options["zone"], hours=options["hours"], closed_on=closed_on
            )
            count = calendar.holidays.count()
        done = f"calendar {options['calendar']} opens {len(options['hours'])} times a week and has {count} holidays."
        self.report(done, dry_run=options["dry_run"])
