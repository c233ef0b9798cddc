"""`workflow`: one tenant's end of day, snapshots or compliance check by hand, with the results to read.

It stands here because it needs `workflows`, which stands above every domain app.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from celery.canvas import Signature
from celery.exceptions import TimeoutError as ResultTimeoutError
from django.core.management.base import CommandError, CommandParser

import workflows
from common import clock
from common.management.operator import BooksCommand, iso_date

CANVAS: Mapping[str, Callable[[str, date], Signature]] = {
    "end-of-day": lambda tenant, _day: workflows.end_of_day(tenant),
    "snapshots": workflows.snapshot_portfolios,
    "compliance-check": lambda tenant, _day: workflows.compliance_check(tenant),
}


class Command(BooksCommand):
    """See the module."""

    help = "Send one tenant's tasks to the workers as a chain, a group or a chord, and print what comes back."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the workflow and how long to wait."""
        parser.add_argument("name", choices=list(CANVAS))
        super().add_arguments(parser)
        parser.add_argument("--date", type=iso_date, metavar="DATE", help="snapshots: of this business date; today")
        parser.add_argument(
            "--wait", type=float, default=600.0, metavar="SECONDS", help="for the results (default: 600)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Send it, wait, and print the results."""
        if options["date"] and options["name"] != "snapshots":
            raise CommandError("Only snapshots take --date: for another day of the others there is `backfill`.")
        canvas = CANVAS[options["name"]](options["tenant"], options["date"] or clock.today())
        self.stdout.write(json.dumps(_results(canvas, options["wait"]), indent=2))


def _results(canvas: Signature, patience_s: float) -> list[Any]:
    """Return what each step of the canvas came to; of a group, what each member did.

    Raises:
        CommandError: a member failed, or nothing came in time.
    """
    result = canvas.apply_async()
    steps = [result]
    while parent := steps[0].parent:
        steps.insert(0, parent)
    try:
        result.get(timeout=patience_s)
        return [step.get(timeout=patience_s) for step in steps]
    except ResultTimeoutError as error:
        raise CommandError(f"No result within {patience_s:g} s: are workers running? What was sent goes on.") from error
    except Exception as error:
        raise CommandError(f"{type(error).__name__}: {error}") from error
