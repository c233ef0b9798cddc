"""`define_sla`: how long cases may take."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from casework.locks import by_hand
from casework.models import Case
from casework.services import define_sla
from common.management.operator import BooksWritingCommand, iso_date


class Command(BooksWritingCommand):
    """See the module."""

    help = "Hold cases of a kind to a time, those opened from a day on; an SLA of the same code ends the day before."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the SLA, whose it is, and its time."""
        super().add_arguments(parser)
        parser.add_argument("sla", metavar="CODE", help="what it is called")
        parser.add_argument("kind", choices=Case.Kind.values)
        parser.add_argument(
            "--hours", type=float, required=True, help="how long such a case may take, in opening hours"
        )
        parser.add_argument("--calendar", required=True, metavar="CODE", help="whose opening hours count")
        parser.add_argument("--from", type=iso_date, required=True, dest="starts_on", metavar="DATE", help="first day")
        parser.add_argument("--warn", type=int, default=80, metavar="PERCENT", help="warns so far in (default: 80)")
        parser.add_argument(
            "--escalate", type=int, default=100, metavar="PERCENT", help="makes it urgent so far in (default: 100)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Define it, and say so."""
        with by_hand(options["tenant"], dry_run=options["dry_run"]):
            define_sla(
                code=options["sla"],
                kind=options["kind"],
                calendar_code=options["calendar"],
                target=timedelta(hours=options["hours"]),
                starts_on=options["starts_on"],
                warn_percent=options["warn"],
                escalate_percent=options["escalate"],
            )
        what = f"{options['kind']} cases opened from {options['starts_on']} on may take {options['hours']:g} hours"
        self.report(f"{what} ({options['sla']}).", dry_run=options["dry_run"])
