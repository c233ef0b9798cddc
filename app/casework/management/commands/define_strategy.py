"""`define_strategy`: how loans that are behind are dunned, from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from casework.definitions import read_strategy
from casework.services.strategies import define_strategy
from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand


class Command(BooksWritingCommand):
    """See the module."""

    help = "Let the nights from tomorrow on dun by a file; steps that changed get a new version, missing ones end."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the file."""
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE", help="the strategy in TOML")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Define it, and say how much that changed."""
        definition = read_strategy(options["file"])
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            changed = define_strategy(definition, defined_on=clock.today())
        done = f"strategy {definition.code} has {len(definition.steps)} steps, {changed} of them new, changed or ended."
        self.report(done, dry_run=options["dry_run"])
