"""`define_campaign`: whom to reach before an instalment is due."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from casework.locks import by_hand
from casework.models import Campaign
from casework.services import define_campaign, end_campaign
from common.management.operator import BooksWritingCommand, iso_date


class Command(BooksWritingCommand):
    """See the module."""

    help = "Reach borrowers before their instalments are due, from a night on, or no longer after --until."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the campaign, and whom it is for."""
        super().add_arguments(parser)
        parser.add_argument("campaign", metavar="CODE", help="what it is called")
        parser.add_argument(
            "--trigger", choices=Campaign.Trigger.values, default="due soon", help="(default: due soon)"
        )
        parser.add_argument("--days", type=int, default=5, help="so many days before the due date (default: 5)")
        parser.add_argument(
            "--look-back", type=int, default=90, metavar="DAYS", help="how old a risk may be (default: 90)"
        )
        parser.add_argument(
            "--queue", default="", metavar="CODE", help="where its cases are worked (default: the default queue)"
        )
        parser.add_argument("--from", type=iso_date, dest="starts_on", metavar="DATE", help="its first night")
        parser.add_argument("--until", type=iso_date, dest="ends_on", metavar="DATE", help="ends it; its last night")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Begin or end it, and say so."""
        code, starts_on, ends_on = options["campaign"], options["starts_on"], options["ends_on"]
        if (starts_on is None) == (ends_on is None):
            raise CommandError("Give --from to begin the campaign, or --until to end it.")
        with by_hand(options["tenant"], dry_run=options["dry_run"]):
            if ends_on:
                end_campaign(code=code, ends_on=ends_on)
            else:
                define_campaign(
                    code=code,
                    trigger=options["trigger"],
                    days_ahead=options["days"],
                    look_back_days=options["look_back"],
                    starts_on=starts_on,
                    queue_code=options["queue"],
                )
        done = f"ends on {ends_on}" if ends_on else f"reaches borrowers {options['days']} days ahead from {starts_on}"
        self.report(f"campaign {code} {done}.", dry_run=options["dry_run"])
