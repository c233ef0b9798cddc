"""`lien`: what secures a loan; filed, continued, insured, released."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from common.books import books_transaction
from common.management.operator import BooksWritingCommand, iso_date
from compliance.models import Lien
from compliance.services import continue_lien, file_lien, insure, release

DONE = {"file": "filed", "continue": "continued", "insure": "insured until", "release": "released"}


class Command(BooksWritingCommand):
    """See the module."""

    help = "Record that a lien was filed, continued or released, or until when its collateral is insured."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the lien and what happened to it."""
        super().add_arguments(parser)
        parser.add_argument("action", choices=list(DONE))
        parser.add_argument("reference", metavar="REFERENCE", help="the filing's or the title's number")
        parser.add_argument("--on", type=iso_date, metavar="DATE", help="the day; insure: the last day")
        parser.add_argument("--loan", metavar="LOAN", help="file: the loan it secures")
        parser.add_argument("--kind", choices=Lien.Kind.values, default=Lien.Kind.UCC, help="file: how it is perfected")
        parser.add_argument("--collateral", default="", metavar="TEXT", help="file: what secures it, for people")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Record it, and say so."""
        action, reference, day = options["action"], options["reference"], options["on"]
        if action == "file" and not options["loan"]:
            raise CommandError("Give --loan: the loan that the lien secures.")
        if day is None and (action, options["kind"]) != ("file", Lien.Kind.TITLE):
            raise CommandError("Give --on: the day; only a title needs none.")
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            self._record(action, reference, options)
        self.report(f"{reference} is {DONE[action]} {day or 'on a title'}.", dry_run=options["dry_run"])

    def _record(self, action: str, reference: str, options: dict[str, Any]) -> None:
        day = options["on"]
        match action:
            case "file":
                file_lien(
                    reference=reference,
                    loan_number=options["loan"],
                    kind=options["kind"],
                    filed_on=day,
                    collateral=options["collateral"],
                )
            case "continue":
                continue_lien(reference=reference, filed_on=day)
            case "insure":
                insure(reference=reference, insured_until=day)
            case _:
                release(reference=reference, released_on=day)
