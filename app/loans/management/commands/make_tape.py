"""`make_tape`: a tape of made-up loans, for whoever has no real one."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.management.progress import bar
from loans.tape import write_tape


class Command(BaseCommand):
    """See the module."""

    help = "Write a tape of made-up loans as of 2018-06-30; the same seed gives the same file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the size, the seed and the file."""
        parser.add_argument("--rows", type=int, required=True, help="how many loans")
        parser.add_argument("--seed", type=int, default=2018, help="of the random numbers (default: 2018)")
        parser.add_argument("--identities", action="store_true", help="add the columns of made-up borrowers")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv", help="replaced when it exists")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file."""
        try:
            with bar("Writing", total=options["rows"] + 1) as progress:
                write_tape(
                    options["out"],
                    rows=options["rows"],
                    seed=options["seed"],
                    identities=options["identities"],
                    progress=progress,
                )
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{options['rows']:,} loans written to {options['out']}.")
