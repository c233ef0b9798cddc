"""`metro2`: write or correct the Metro 2 files of a month by hand."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from common import clock
from common.books import books_transaction
from common.management.operator import BooksWritingCommand
from credit_reporting.exceptions import AlreadyReportedError, MonthNotOverError, NoReporterError
from credit_reporting.models import Report, Reporter
from credit_reporting.months import Month
from credit_reporting.selectors import newest_report
from credit_reporting.services import correct, generate_metro2


class Command(BooksWritingCommand):
    """See the module."""

    help = "Write the Metro 2 files of a month that the night has not reported, or a corrected version of them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the month, and whether to correct it."""
        super().add_arguments(parser)
        parser.add_argument("month", type=_month, metavar="MONTH", help="e.g. 2024-01")
        parser.add_argument(
            "--correct",
            action="store_true",
            help="write it, and every reported month after it, anew from what is known now, as a further version",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the files and name them."""
        month: Month = options["month"]
        if month.night > clock.today():
            raise MonthNotOverError(str(month), month.night.isoformat())
        with books_transaction(options["tenant"], dry_run=options["dry_run"]):
            reports = correct(month) if options["correct"] else _write(month)
            told = [_told(report) for report in reports] or [f"No loan was reportable in {month}."]
        self.report("\n".join(told), dry_run=options["dry_run"])


def _write(month: Month) -> list[Report]:
    if not Reporter.objects.exists():
        raise NoReporterError
    if report := newest_report(month):
        raise AlreadyReportedError(str(month), report.version)
    generate_metro2(business_date=month.night)
    report = newest_report(month)
    return [report] if report else []


def _told(report: Report) -> str:
    files = ", ".join(report.files.order_by("bureau").values_list("stored_in", flat=True))
    return f"{report}: {report.reported} reported, {report.held_back} held back, {report.warnings} warnings: {files}"


def _month(text: str) -> Month:
    try:
        return Month(date.fromisoformat(f"{text}-01"))
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a month like 2024-01") from None
