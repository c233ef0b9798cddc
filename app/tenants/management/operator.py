"""What this app's commands share: an operator reads one clear line, and can rehearse before anything is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction
from psycopg.errors import InsufficientPrivilege

from tenants.exceptions import TenantError


class OperatorCommand(BaseCommand):
    """A command whose refusals are one line; `--traceback` still shows where they came from."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command.

        Raises:
            CommandError: for every refusal of this app and of the database.
        """
        try:
            return super().execute(*args, **options)
        except (TenantError, DatabaseError) as error:
            raise CommandError(_on_one_line(error)) from error


class TenantCommand(OperatorCommand):
    """A command that writes one tenant, or with `--dry-run` only rehearses it."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the tenant and `--dry-run`."""
        parser.add_argument("schema_name", metavar="SCHEMA", help="the tenant's schema name")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen; nothing is kept")

    def report(self, done: str, *, dry_run: bool) -> None:
        """Print what happened, or what would have."""
        self.stdout.write(f"Rehearsed only, nothing is kept: {done}" if dry_run else self.style.SUCCESS(done))


def _on_one_line(error: Exception) -> str:
    line = str(error).partition("\n")[0]
    if isinstance(error.__cause__, InsufficientPrivilege):
        return f"{line}; this is the owner's work: set MATINS_DB_ROLE=owner and DATABASE_OWNER_URL."
    return line


@contextmanager
def rehearsal(*, dry_run: bool) -> Iterator[None]:
    """Do the block for real in one transaction, and take it back if it is only a rehearsal."""
    with transaction.atomic():
        yield
        transaction.set_rollback(dry_run)
