"""`define_agent`: who works cases."""

from typing import Any

from django.core.management.base import CommandParser

from casework.locks import by_hand
from casework.services import define_agent
from common.management.operator import BooksWritingCommand


class Command(BooksWritingCommand):
    """See the module."""

    help = "Make or change an agent; the next night gives them cases, or theirs to others."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the agent, and what they can do."""
        super().add_arguments(parser)
        parser.add_argument("agent", metavar="CODE", help="what they are called")
        parser.add_argument("--capacity", type=int, required=True, metavar="CASES", help="so many open cases at most")
        parser.add_argument("--skill", action="append", default=[], help="what they can do, as queues name it")
        parser.add_argument("--inactive", action="store_true", help="they do not work at present")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make them, and say so."""
        with by_hand(options["tenant"], dry_run=options["dry_run"]):
            define_agent(
                code=options["agent"],
                capacity=options["capacity"],
                skills=options["skill"],
                is_active=not options["inactive"],
            )
        state = "does not work at present" if options["inactive"] else f"works up to {options['capacity']} cases"
        self.report(f"{options['agent']} {state}.", dry_run=options["dry_run"])
