"""What the commands on one tenant's books share: the tenant, the dry run, and refusals on one line."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from common.exceptions import TaskError
from common.tasks import ScheduleError
from tenants.management.operator import OperatorCommand


class BooksCommand(OperatorCommand):
    """A command on the books of one tenant."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the tenant."""
        parser.add_argument("--tenant", required=True, metavar="SCHEMA", help="the tenant's schema name")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        Raises:
            CommandError: for every refusal of the books, the tenant and the night.
        """
        try:
            return super().execute(*args, **options)
        except (TaskError, ScheduleError) as error:
            raise CommandError(str(error)) from error


class BooksWritingCommand(BooksCommand):
    """A command that writes the books of one tenant, or with `--dry-run` only rehearses it."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the tenant and `--dry-run`."""
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; nothing is kept")

    def report(self, done: str, *, dry_run: bool) -> None:
        """Print what happened, or what would have."""
        self.stdout.write(f"Rehearsed only, nothing is kept: {done}" if dry_run else self.style.SUCCESS(done))


def iso_date(text: str) -> date:
    """Read a date for argparse.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date like 2024-02-29") from None
