"""Says whether this machine's worker or beat lives: what a container's health check runs."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from monitoring import heartbeat


class Command(BaseCommand):
    """Exit 0 where the process has touched its heartbeat file lately, else 1; one line says why."""

    help = "Does this machine's worker or beat live? Exit 0 or 1; asks neither database nor broker."
    # Asked every few seconds: `manage.py` runs it without loading the apps.
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the kind of process and its patience."""
        parser.add_argument("kind", choices=["worker", "beat"])
        parser.add_argument("--within", type=float, default=60.0, metavar="SECONDS", help="age that is still healthy")

    def handle(self, *, kind: str, within: float, **_: Any) -> None:
        """Read the file's age."""
        age = heartbeat.age_s(kind)
        if age is None:
            self.stdout.write(f"There is no heartbeat at {heartbeat.path_of(kind)}: no {kind} has started here.")
            sys.exit(1)
        self.stdout.write(f"The {kind} of this machine gave its last heartbeat {age:.0f} s ago.")
        sys.exit(age > within)
