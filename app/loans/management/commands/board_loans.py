"""`board_loans`: take over the loans of a tape."""

from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.exceptions import TenancyError
from common.management.progress import bar
from loans.boarding import DEFAULT_AS_OF, BoardingReport, Finding, board_loans, count_lines
from loans.exceptions import BoardingError
from tenants.exceptions import TenantError


class Command(BaseCommand):
    """See the module."""

    help = "Board the loans of a tape into a tenant's books, all or none; boarding a file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the tenant, the file and the day of the transfer."""
        parser.add_argument("--tenant", required=True, metavar="SCHEMA", help="the tenant's schema name")
        parser.add_argument("file", type=Path, metavar="FILE.csv", help="the tape")
        parser.add_argument(
            "--as-of",
            type=_iso_date,
            default=DEFAULT_AS_OF,
            metavar="DATE",
            help=f"day of the servicing transfer (default: {DEFAULT_AS_OF})",
        )
        parser.add_argument(
            "--synthetic-borrowers",
            action="store_true",
            help="make somebody up for each line that says nothing of who owes, marked as such",
        )
        parser.add_argument("--dry-run", action="store_true", help="report what would happen; nothing is kept")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Board the file and list every line that is odd or refused."""
        try:
            with bar("Boarding", total=count_lines(options["file"])) as progress:
                report = board_loans(
                    schema_name=options["tenant"],
                    path=options["file"],
                    as_of=options["as_of"],
                    synthetic_borrowers=options["synthetic_borrowers"],
                    progress=progress,
                    dry_run=options["dry_run"],
                )
        except (BoardingError, TenancyError, TenantError) as error:
            raise CommandError(str(error)) from error
        self._list("loaded with a warning", report.warnings)
        self._list("refused", report.refused)
        self.stdout.write(_summary(report, dry_run=options["dry_run"]))

    def _list(self, what: str, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self.stdout.write(f"line {finding.line}: {finding.loan_number} {what}: {finding.reason}")


def _summary(report: BoardingReport, *, dry_run: bool) -> str:
    done = (
        f"{report.loaded:,} loans loaded ({len(report.warnings):,} warnings), "
        f"{report.unchanged:,} unchanged, {len(report.refused):,} lines refused."
    )
    return f"Rehearsed only, nothing is kept: {done}" if dry_run else done


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date such as {DEFAULT_AS_OF}") from None
