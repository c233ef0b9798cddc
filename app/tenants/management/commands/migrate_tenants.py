"""`migrate_tenants`: the whole deployment's migrations, tenants several at a time, repeatable until all are done."""

import os
from collections.abc import Sequence
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from tenants import selectors, template
from tenants.management.operator import OperatorCommand
from tenants.migration import Migrated, migrate_each


class Command(OperatorCommand):
    """See the module."""

    help = "Migrate public, the template and every tenant; one that fails does not stop the others. Repeatable."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--processes` and `--dry-run`."""
        parser.add_argument("--processes", type=int, default=os.cpu_count(), help="tenants at a time")
        parser.add_argument("--dry-run", action="store_true", help="list what is missing where; nothing is written")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Migrate, and name the tenants that failed.

        Raises:
            CommandError: if some did.
        """
        if options["dry_run"]:
            self._list_missing(selectors.schema_names())
            return
        call_command("migrate", verbosity=0)
        outcomes = self._migrate(selectors.schema_names(), options["processes"])
        failures = [outcome for outcome in outcomes if outcome.failure]
        for outcome in failures:
            self.stderr.write(f"{outcome.schema_name}: {outcome.failure}")
        if failures:
            raise CommandError(f"{len(failures)} of {len(outcomes)} tenants failed; remove the causes and repeat.")
        migrated = sum(1 for outcome in outcomes if outcome.applied)
        self.stdout.write(f"{migrated} of {len(outcomes)} tenants migrated, the others were in step.")

    def _migrate(self, schema_names: Sequence[str], processes: int) -> list[Migrated]:
        each = migrate_each(schema_names, processes=processes)
        return list(track(each, "Tenants", len(schema_names), console=Console(stderr=True)))

    def _list_missing(self, schema_names: Sequence[str]) -> None:
        for schema_name in schema_names:
            for app, name in template.pending(schema_name):
                self.stdout.write(f"{schema_name}: {app}.{name}")
