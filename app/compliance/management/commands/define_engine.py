"""`define_engine`: an outside monitor that is asked every night."""

from typing import Any

from django.core.management.base import CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand
from compliance.models import Severity
from compliance.services import define_engine


class Command(BooksWritingCommand):
    """See the module."""

    help = "Add an outside monitor, move one to another address, or turn it off; its cursor stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the monitor."""
        super().add_arguments(parser)
        parser.add_argument("code", metavar="CODE", help="what it is called")
        parser.add_argument("url", metavar="URL", help="what is asked with GET, https://…")
        parser.add_argument(
            "--token-variable",
            required=True,
            metavar="NAME",
            help="the workers' environment variable with its token, MATINS_ENGINE_TOKEN_…; never the token itself",
        )
        parser.add_argument("--off", action="store_true", help="do not ask it any more")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Define it, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            engine = define_engine(
                code=options["code"],
                url=options["url"],
                token_variable=options["token_variable"],
                severity=Severity.MEDIUM,
                active=not options["off"],
            )
        state = "is asked every night" if engine.active else "is off"
        self.report(f"{engine.code} at {engine.url} {state}.", dry_run=options["dry_run"])
