"""Reads last month's file, to compare this month's with it."""

from collections.abc import Iterator
from pathlib import Path

from credit_reporting.validator.accounts import Accounts
from credit_reporting.validator.files import Line, attached, read_lines
from credit_reporting.validator.findings import PREVIOUS, Finding
from credit_reporting.validator.layout import BASE, HEADER
from credit_reporting.validator.rules import Parts, day
from credit_reporting.validator.rules.history import LastMonth

_ADVICE = "validate last month's file first"


class PreviousFile:
    """Last month's file, its accounts kept by the numbers they have this month."""

    def __init__(self, path: Path, accounts: Accounts) -> None:
        """Name the file, and where its accounts are kept."""
        self._path, self._accounts = path, accounts
        #: Its activity date as YYYYMMDD, once loaded; empty if it has none.
        self.activity = ""

    def load(self) -> Iterator[Finding]:
        """Keep every account; yield what cannot be read.

        Raises:
            OSError, BinaryFileError: see `read_lines`.
        """
        for line in read_lines(self._path):
            if line.number == 1:
                header = HEADER.pattern.match(line.text)
                if not header:
                    yield Finding(1, PREVIOUS, 1, "record", f"must be a well-formed header: {_ADVICE}")
                    return
                self.activity = day(header["activity_date"])
            elif base := BASE.pattern.match(line.text):
                self._keep(base, line)
            elif not line.is_last:
                yield Finding(line.number, PREVIOUS, 1, "record", f"must be well formed: {_ADVICE}")

    def _keep(self, base: Parts, line: Line) -> None:
        account, before = base["consumer_account_number"], _what_was_said(base, line.number)
        for segment, at in attached(line.text):
            change = segment.pattern.match(line.text, at) if segment.name == "L1" else None
            if change and change["change_indicator"] in "13":
                account = change["new_consumer_account_number"]
            if change and change["change_indicator"] in "23":
                before = before._replace(identification_number=change["new_identification_number"])
        self._accounts.keep(account.rstrip(), before)

    def precedes(self, activity: str) -> bool:
        """Return whether it is the file of the month before that of an activity date (YYYYMMDD)."""
        return bool(self.activity and activity) and _month(activity) - _month(self.activity) == 1


def _what_was_said(base: Parts, line: int) -> LastMonth:
    return LastMonth(line, *(base[field] for field in LastMonth._fields[1:]))


def _month(activity: str) -> int:
    return int(activity[:4]) * 12 + int(activity[4:6])
