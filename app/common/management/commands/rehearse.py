"""`rehearse`: see what a job of the night would do for a tenant, without doing it."""

import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils.module_loading import import_string

from common import clock
from common.management.operator import BooksCommand, iso_date
from common.rehearsal import rehearse
from common.tasks import find_schedule


class Command(BooksCommand):
    """See the module."""

    help = "Run one schedule's job for one tenant on the books as they are now, print its counts, and keep nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the schedule and the business date."""
        parser.add_argument("schedule", metavar="SCHEDULE", help="the schedule's name")
        super().add_arguments(parser)
        parser.add_argument("--date", type=iso_date, metavar="DATE", help="the business date; today by default")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Rehearse the job and print what it returned."""
        business_date = options["date"] or clock.today()
        task = import_string(find_schedule(options["schedule"]).task)
        result = rehearse(task, options["tenant"], business_date=business_date)
        done = f"{options['schedule']} of {business_date} for {options['tenant']}"
        self.stdout.write(f"Rehearsed only, nothing is kept: {done}\n{json.dumps(result, indent=2, default=str)}")
