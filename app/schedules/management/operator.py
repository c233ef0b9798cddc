"""What the night's commands share: named refusals on one line, the dry run, and a bar while the runs go on."""

import argparse
import time
from collections.abc import Sequence
from datetime import date
from typing import Any, TextIO, cast

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schedules import selectors
from schedules.exceptions import ScheduleError
from schedules.services import Effect
from tenants.management.operator import OperatorCommand

# Long lists are for `windows`; a plan shows its beginning and says how much more there is.
SHOWN = 20


class NightCommand(OperatorCommand):
    """A command on windows and runs."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        Raises:
            CommandError: for every refusal of the ledger.
        """
        try:
            return super().execute(*args, **options)
        except ScheduleError as error:
            raise CommandError(str(error)) from error

    def add_window(self, parser: CommandParser) -> None:
        """Add the arguments that name one window, and the tenants to restrict to."""
        parser.add_argument("schedule", metavar="SCHEDULE", help="the schedule's name")
        self.add_date(parser)
        self.add_tenants(parser)

    def add_date(self, parser: CommandParser) -> None:
        """Add the business date."""
        parser.add_argument("date", metavar="DATE", type=iso_date, help="the business date, YYYY-MM-DD")

    def add_tenants(self, parser: CommandParser) -> None:
        """Add `--tenant`."""
        parser.add_argument("--tenant", action="append", metavar="SCHEMA", help="only this tenant; may be repeated")

    def add_dry_run(self, parser: CommandParser) -> None:
        """Add `--dry-run`."""
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; nothing is written")

    def add_waiting(self, parser: CommandParser) -> None:
        """Add `--no-wait`."""
        parser.add_argument("--no-wait", action="store_true", help="do not wait for the runs to finish")

    def report(self, effect: Effect, *, done: str, options: dict[str, Any]) -> None:
        """Print what was done or would be, and wait for it with a progress bar unless told not to."""
        for line in effect.lines[:SHOWN]:
            self.stdout.write(f"  {line}")
        if len(effect.lines) > SHOWN:
            self.stdout.write(f"  … and {len(effect.lines) - SHOWN} more")
        if options["dry_run"]:
            self.stdout.write(f"Dry run, nothing was written: {done}")
            return
        self.stdout.write(self.style.SUCCESS(done))
        if not options.get("no_wait", True) and effect.window_ids:
            self.wait(effect.window_ids)

    def wait(self, window_ids: Sequence[int]) -> None:
        """Show a bar until every run of the windows is final; Ctrl-C stops the watching, not the work."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(file=cast("TextIO", self.stdout))) as bar:
            task = bar.add_task("runs")
            done, total = selectors.progress(window_ids)
            while done < total:
                bar.update(task, completed=done, total=total)
                time.sleep(0.5)
                done, total = selectors.progress(window_ids)
            bar.update(task, completed=done, total=total)


def iso_date(text: str) -> date:
    """Read a business date for argparse.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2024-02-29") from error
