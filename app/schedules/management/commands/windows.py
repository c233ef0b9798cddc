"""`windows`: what is due, late, missed and failed, and why."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TextIO, cast

from django.core.management.base import CommandParser
from rich.console import Console
from rich.table import Table

from common import clock
from schedules import selectors
from schedules.management.operator import NightCommand, iso_date
from schedules.selectors import WindowLine


class Command(NightCommand):
    """See the module."""

    help = "Show the windows of one or more business dates: states, judgements, exceptions, and what they wait for."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the range, the filters and `--json`."""
        parser.add_argument("--date", type=iso_date, metavar="DATE", help="the (last) business date; today by default")
        parser.add_argument("--days", type=int, default=1, metavar="N", help="how many days up to it; 1 by default")
        parser.add_argument("--schedule", metavar="SCHEDULE", help="only this one")
        parser.add_argument("--problems", action="store_true", help="only windows that need a look")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the table."""
        last = options["date"] or clock.today()
        first = last - timedelta(days=options["days"] - 1)
        lines = selectors.windows(first=first, last=last, schedule=options["schedule"])
        if options["problems"]:
            lines = [line for line in lines if line.needs_a_look]
        if options["json"]:
            self.stdout.write(json.dumps([asdict(line) for line in lines], default=str, indent=2))
        elif lines:
            Console(file=cast("TextIO", self.stdout)).print(_table(lines))
        else:
            self.stdout.write(f"Nothing to show for {first} … {last}.")


def _table(lines: list[WindowLine]) -> Table:
    table = Table("due (UTC)", "schedule", "origin", "runs", "judged", "why")
    for line in lines:
        table.add_row(
            f"{line.due_at:%Y-%m-%d %H:%M}",
            line.schedule,
            line.origin.replace("_", " "),
            "skipped" if line.skipped else _words(line.states),
            _words(_judged(line)),
            line.skipped or line.why,
            style="bold red" if line.missed or line.states.get("failed") else "yellow" if line.needs_a_look else "",
        )
    return table


def _judged(line: WindowLine) -> dict[str, int]:
    names = ("missed", "late", "overdue", "blocked", "exceptions")
    return {name: getattr(line, name) for name in names if getattr(line, name)}


def _words(counts: Any) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
