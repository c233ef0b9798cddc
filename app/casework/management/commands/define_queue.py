"""`define_queue`: where cases are worked, and which come there."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from casework.locks import by_hand
from casework.services import define_queue, define_rule, end_rule
from common.management.operator import BooksWritingCommand, iso_date
from loans.management.reading import dollars


class Command(BooksWritingCommand):
    """See the module."""

    help = "Make or change a queue; with --rule, lead cases there from a night on, or no longer after --until."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the queue, and a rule."""
        super().add_arguments(parser)
        parser.add_argument("queue", metavar="CODE", help="what it is called")
        parser.add_argument("--skill", help="what its agents must be able to do; '' for nothing special")
        parser.add_argument("--default", action="store_true", help="cases come here that no rule leads anywhere")
        parser.add_argument("--rule", type=int, metavar="PRIORITY", help="of the rules that fit, the lowest decides")
        parser.add_argument("--from", type=iso_date, dest="starts_on", metavar="DATE", help="the rule's first night")
        parser.add_argument("--until", type=iso_date, dest="ends_on", metavar="DATE", help="ends it; its last night")
        parser.add_argument("--min-days", type=int, default=0, metavar="DAYS", help="days past due at least")
        parser.add_argument("--max-days", type=int, metavar="DAYS", help="days past due below this")
        parser.add_argument("--min-balance", type=dollars, metavar="AMOUNT", help="dollars owed at least")
        parser.add_argument("--product", metavar="CODE", help="only loans of this product")
        parser.add_argument("--state", default="", help="only borrowers of this state")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Make it, and say so."""
        rule, starts_on, ends_on = options["rule"], options["starts_on"], options["ends_on"]
        if (rule is None) != (starts_on is None and ends_on is None) or (starts_on and ends_on):
            raise CommandError("Give --rule with --from to begin one, or with --until to end it.")
        with by_hand(options["tenant"], dry_run=options["dry_run"]):
            if ends_on:
                end_rule(priority=rule, ends_on=ends_on)
            else:
                _define(options)
        when = f"; rule {rule} leads there from {starts_on}" if starts_on else ""
        done = f"rule {rule} ends on {ends_on}." if ends_on else f"queue {options['queue']} is defined{when}."
        self.report(done, dry_run=options["dry_run"])


def _define(options: dict[str, Any]) -> None:
    define_queue(code=options["queue"], skill=options["skill"], is_default=options["default"])
    if options["rule"] is not None:
        define_rule(
            priority=options["rule"],
            queue_code=options["queue"],
            starts_on=options["starts_on"],
            min_days=options["min_days"],
            max_days=options["max_days"],
            min_balance=options["min_balance"],
            product_code=options["product"],
            state=options["state"],
        )
