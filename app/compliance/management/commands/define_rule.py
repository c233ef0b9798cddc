"""`define_rule`: something that is checked every night."""

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand
from compliance.models import Rule, Severity
from compliance.services import define_rule


class Command(BooksWritingCommand):
    """See the module."""

    help = "Add a rule, change one's parameters or severity, or turn it off; the next night checks it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the rule."""
        super().add_arguments(parser)
        kinds = [kind for kind in Rule.Kind.values if kind != Rule.Kind.REPORTED]
        parser.add_argument("code", metavar="CODE", help="what it is called")
        parser.add_argument("--kind", choices=kinds, help="of a new one: what it looks at")
        parser.add_argument("--severity", choices=[one.name.lower() for one in Severity], help="of what it finds")
        parser.add_argument(
            "--set",
            type=setting,
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a parameter; may be repeated",
        )
        parser.add_argument("--off", action="store_true", help="do not check it any more")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Define it, and say so."""
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            rule = define_rule(
                code=options["code"],
                kind=options["kind"],
                severity=Severity[options["severity"].upper()] if options["severity"] else None,
                parameters=dict(options["set"]),
                active=not options["off"],
            )
        told = ", ".join(f"{name}={value}" for name, value in rule.parameters.items()) or "no parameters"
        state = "is checked" if rule.active else "is off"
        severity = Severity(rule.severity).name.lower()
        self.report(f"{rule.code} ({rule.kind}, {severity}, {told}) {state}.", dry_run=options["dry_run"])


def setting(text: str) -> tuple[str, str | list[str]]:
    """Read a parameter for argparse; a value with commas is a list.

    Raises:
        ArgumentTypeError: it is none.
    """
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ArgumentTypeError(f"{text!r} is not like max_rate=0.06")
    return name, value.split(",") if "," in value or name == "states" else value
