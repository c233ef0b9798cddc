"""`validate_metro2`: would a credit bureau accept this file?"""

import sys
from argparse import ArgumentTypeError
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from common.exceptions import TaskError
from common.tenancy import tenant_transaction
from credit_reporting.months import Month
from credit_reporting.selectors.sub_ledger import sub_ledger
from credit_reporting.validator import Validation, activity_date
from tenants.exceptions import TenantError

Balances = Iterable[tuple[str, int]]


class Command(BaseCommand):
    """See the module."""

    help = "Check a Metro 2 file and print one line for each finding; exit 1 when there is one."
    requires_system_checks = []  # A file can be checked where there is no database.

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the files and the day."""
        parser.add_argument("file", type=Path, metavar="FILE", help="the file, one record a line")
        parser.add_argument("--previous", type=Path, metavar="FILE", help="last month's file, to compare with")
        parser.add_argument("--tenant", metavar="SCHEMA", help="compare the balances with this tenant's sub-ledger")
        parser.add_argument(
            "--today",
            type=_iso_date,
            metavar="DATE",
            help="nothing may be dated after it (default: today on the business clock)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the findings, and what the file adds up to."""
        with _sub_ledger(options["tenant"], options["file"]) as sub_ledger:
            self._validate(sub_ledger, **options)

    def _validate(self, sub_ledger: Balances | None, *, file: Path, **options: Any) -> None:
        today = options["today"] or clock.today()
        validation = Validation(file, today=today, previous=options["previous"], sub_ledger=sub_ledger)
        count = 0
        for finding in validation.findings():
            self.stdout.write(str(finding))
            count += 1
        tally = validation.tally
        self.stdout.write(f"{tally.records:,} records, current balance {tally.balance:,}, {count:,} findings.")
        if count:
            sys.exit(1)


@contextmanager
def _sub_ledger(tenant: str | None, file: Path) -> Iterator[Balances | None]:
    """Give what a tenant's loans owed at the end of the file's month.

    Raises:
        CommandError: there is no such tenant, or the file does not tell its month.
    """
    if tenant is None:
        yield None
        return
    day = _activity_date(file)
    if day is None:
        raise CommandError(f"{file} has no header that tells its month: validate it without --tenant first.")
    try:
        with tenant_transaction(tenant):
            yield sub_ledger(Month(day.replace(day=1)))
    except (TaskError, TenantError) as error:
        raise CommandError(str(error)) from error


def _activity_date(file: Path) -> date | None:
    try:
        return activity_date(file)
    except OSError:
        return None


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date such as 2026-01-31") from None
