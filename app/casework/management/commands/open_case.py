"""`open_case`: something about a loan that somebody must look after."""

from typing import Any

from django.core.management.base import CommandParser

from casework.locks import by_hand
from casework.models import Case
from casework.services import open_case
from common.management.operator import BooksWritingCommand


class Command(BooksWritingCommand):
    """See the module."""

    help = "Open a case of a loan in a queue; the next night gives it to an agent."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the loan, and what the case is about."""
        super().add_arguments(parser)
        parser.add_argument("loan", metavar="LOAN", help="the loan's number")
        parser.add_argument("kind", choices=Case.Kind.values)
        parser.add_argument("--queue", default="general", metavar="CODE", help="where it is worked (default: general)")
        parser.add_argument("--note", default="", help="why")
        parser.add_argument("--by", default="operator", metavar="WHO", help="who opens it")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Open it, and say so."""
        with by_hand(options["tenant"], dry_run=options["dry_run"]):
            case = open_case(
                loan_number=options["loan"],
                kind=options["kind"],
                queue_code=options["queue"],
                by=options["by"],
                note=options["note"],
            )
        done = f"case {case.number} ({case.kind}) is open in queue {options['queue']}."
        self.report(done, dry_run=options["dry_run"])
