"""`validate_metro2`: would a credit bureau accept this file?"""

import sys
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common import clock
from credit_reporting.validator import Validation


class Command(BaseCommand):
    """See the module."""

    help = "Check a Metro 2 file and print one line for each finding; exit 1 when there is one."
    requires_system_checks = []  # A file can be checked where there is no database.

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the files and the day."""
        parser.add_argument("file", type=Path, metavar="FILE", help="the file, one record a line")
        parser.add_argument("--previous", type=Path, metavar="FILE", help="last month's file, to compare with")
        parser.add_argument(
            "--today",
            type=_iso_date,
            metavar="DATE",
            help="nothing may be dated after it (default: today on the business clock)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the findings, and what the file adds up to."""
        validation = Validation(options["file"], today=options["today"] or clock.today(), previous=options["previous"])
        count = 0
        for finding in validation.findings():
            self.stdout.write(str(finding))
            count += 1
        tally = validation.tally
        self.stdout.write(f"{tally.records:,} records, current balance {tally.balance:,}, {count:,} findings.")
        if count:
            sys.exit(1)


def _iso_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date such as 2026-01-31") from None
