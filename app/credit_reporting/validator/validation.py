"""Validates a file: every line against the layout and the rules, and the file as a whole."""

import sqlite3
from collections.abc import Generator, Iterable, Iterator
from datetime import date
from pathlib import Path

from credit_reporting.validator.accounts import Accounts
from credit_reporting.validator.fields import Segment
from credit_reporting.validator.files import LONGEST, BinaryFileError, Line, attached, read_lines
from credit_reporting.validator.findings import FILE, PREVIOUS, RECORD, Finding
from credit_reporting.validator.layout import ATTACHED, BASE, HEADER, TRAILER
from credit_reporting.validator.previous import PreviousFile
from credit_reporting.validator.rules import RULES, Parts, RuleBook, day
from credit_reporting.validator.rules.calendar import day_rules, month_rules
from credit_reporting.validator.rules.history import HISTORY_RULES
from credit_reporting.validator.tally import Tally

_ACCOUNT = "consumer_account_number"
_NAMES = [segment.name for segment in ATTACHED]
_REPEATED = ("J1", "J2")


class Validation:
    """One reading of a file.

    A slip is reported once: a segment with a malformed field is not held against the cross rules, and the trailer is
    not recounted when the status or the segments of a record cannot be told.

    Args:
        path: the file, one record a line.
        today: nothing may be dated after it.
        previous: last month's file, to compare what goes from month to month.
        sub_ledger: account number and balance in whole dollars of all loans, to compare the balances with.
    """

    def __init__(
        self,
        path: Path,
        *,
        today: date,
        previous: Path | None = None,
        sub_ledger: Iterable[tuple[str, int]] | None = None,
    ) -> None:
        """Name the files; nothing is read yet."""
        self._sub_ledger = sub_ledger
        self._path, self._previous_path, self._today = path, previous, today
        self._previous: PreviousFile | None = None
        self._rules = RuleBook(RULES + day_rules(today=today))
        #: What the file adds up to, once its findings are exhausted.
        self.tally = Tally()

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong, in the order of the lines, at constant memory; nothing a file can be is raised."""
        try:
            with Accounts() as self._accounts:
                if self._previous_path:
                    yield from self._load(self._previous_path)
                if self._sub_ledger is not None:
                    self._accounts.owe(self._sub_ledger)
                yield from _readable(self._file(), FILE)
        except sqlite3.Error as error:
            yield Finding(0, FILE, 0, "file", f"cannot be examined, the scratch database failed: {error}")

    def _load(self, path: Path) -> Iterator[Finding]:
        previous = PreviousFile(path, self._accounts)
        yield from _readable(previous.load(), PREVIOUS)
        self._previous = previous if previous.activity else None

    # --- Lines --------------------------------------------------------------------------------------------------------

    def _file(self) -> Iterator[Finding]:
        line = None
        for line in read_lines(self._path):
            kind = _kind(line)
            yield from _misplaced(line, kind)
            yield from self._line(line, kind)
        if line is None:
            yield Finding(0, FILE, 0, "file", "must not be empty")
        else:
            yield from self._missing()

    def _line(self, line: Line, kind: Segment) -> Iterator[Finding]:
        if kind is BASE:
            yield from self._record(line)
        elif kind is HEADER and line.number == 1:
            yield from self._header(line)
        elif kind is TRAILER and line.is_last:
            yield from self._trailer(line)

    def _header(self, line: Line) -> Iterator[Finding]:
        yield from _wrong_length(line, HEADER)
        if header := (yield from self._segment(HEADER, line, 0)):
            yield from self._month(day(header["activity_date"]))

    def _month(self, activity: str) -> Iterator[Finding]:
        of_the_month = month_rules(today=self._today, activity=activity)
        self._rules = RuleBook(RULES + day_rules(today=self._today) + of_the_month)
        if self._previous and not self._previous.precedes(activity):
            self._previous = None
            reason = "must lie in the month before this file's: nothing was compared with last month"
            yield Finding(1, PREVIOUS, HEADER.position("activity_date"), "activity_date", reason)

    def _trailer(self, line: Line) -> Iterator[Finding]:
        yield from _wrong_length(line, TRAILER)
        if trailer := (yield from self._segment(TRAILER, line, 0)):
            for field, reason in self.tally.differences(trailer):
                yield Finding(line.number, TRAILER.name, TRAILER.position(field), field, reason)

    def _record(self, line: Line) -> Iterator[Finding]:
        wrong_length = _wrong_length(line, BASE)
        yield from wrong_length
        base = yield from self._segment(BASE, line, 0)
        if len(line.text) >= BASE.length:
            yield from self._account(base, line)
        if len(line.text) > BASE.length:
            yield from self._attached(line, is_whole=not wrong_length)

    # --- Segments -----------------------------------------------------------------------------------------------------

    def _segment(self, segment: Segment, line: Line, at: int) -> Generator[Finding, None, Parts | None]:
        """Yield what is wrong with a segment, and return it if its fields are well formed."""
        if len(line.text) < at + segment.length:
            self.tally.is_certain &= segment is not BASE
            return None
        self.tally.add(segment, line.text, at)
        parts = segment.pattern.match(line.text, at)
        if not parts:
            for field in segment.malformed(line.text, at):
                yield Finding(line.number, segment.name, at + field.first, field.name, field.form.reason)
            return None
        for rule in self._rules.rules_of(segment.name, parts):
            if not rule.holds(parts):
                yield Finding(line.number, segment.name, parts.start(rule.field) + 1, rule.field, rule.reason)
        return parts

    def _attached(self, line: Line, *, is_whole: bool) -> Iterator[Finding]:
        end, latest = BASE.length, ""
        for segment, at in attached(line.text):
            yield from self._segment(segment, line, at)
            if segment.name < latest or (segment.name == latest and latest not in _REPEATED):
                reason = f"must come in the order {' '.join(_NAMES)}, and only J1 and J2 more than once"
                yield Finding(line.number, segment.name, at + 1, "segment_identifier", reason)
            end, latest = at + segment.length, segment.name
        if end < len(line.text):
            self.tally.is_certain = False
            if is_whole:
                reason = f"must be one of {' '.join(_NAMES)}, with the whole segment after it"
                yield Finding(line.number, RECORD, end + 1, "segment_identifier", reason)

    # --- Accounts -----------------------------------------------------------------------------------------------------

    def _account(self, base: Parts | None, line: Line) -> Iterator[Finding]:
        number = BASE.text("consumer_account_number", line.text, 0).rstrip()
        if earlier := self._accounts.see(number, line.number):
            position, reason = (
                BASE.position("consumer_account_number"),
                f"must be unique, and is also on line {earlier}",
            )
            yield Finding(line.number, BASE.name, position, "consumer_account_number", reason)
        before = self._accounts.last_month(number) if self._previous and base else None
        for rule in HISTORY_RULES if before else ():
            if base and before and not rule.holds(base, before):
                yield Finding(line.number, BASE.name, base.start(rule.field) + 1, rule.field, rule.reason)
        if base and self._sub_ledger is not None:
            yield from self._balance(base, number, line)

    def _balance(self, base: Parts, number: str, line: Line) -> Iterator[Finding]:
        owed = self._accounts.owed(number)
        if owed is None:
            reason = "must be an account of the sub-ledger"
            yield Finding(line.number, BASE.name, BASE.position("consumer_account_number"), _ACCOUNT, reason)
        elif int(base["current_balance"]) != owed:
            reason = f"must be the balance of the sub-ledger without its cents, {owed}"
            yield Finding(line.number, BASE.name, BASE.position("current_balance"), "current_balance", reason)

    def _missing(self) -> Iterator[Finding]:
        for number, before in self._accounts.missing() if self._previous else ():
            reason = f"must be reported again: {number} had status {before.account_status} on line {before.line}"
            yield Finding(0, FILE, 0, _ACCOUNT, f"{reason} of last month's file")
        for number, balance in self._accounts.unreported():
            reason = f"must be reported: {number} owes {balance} by the sub-ledger"
            yield Finding(0, FILE, 0, _ACCOUNT, reason)


def _readable(findings: Iterator[Finding], segment: str) -> Iterator[Finding]:
    try:
        yield from findings
    except OSError as error:
        yield Finding(0, segment, 0, "file", f"must be readable: {error.strerror}")
    except BinaryFileError:
        yield Finding(1, segment, 1, "file", "must be in the 426-character format: this is binary")


def _kind(line: Line) -> Segment:
    """Return what a line is by what it says, or else by where it stands."""
    if line.text[4:5] == "1":
        return BASE
    if line.text[4:10] == "HEADER" or (line.number == 1 and line.text[4:11] != "TRAILER"):
        return HEADER
    return TRAILER if line.is_last or line.text[4:11] == "TRAILER" else BASE


def _misplaced(line: Line, kind: Segment) -> Iterator[Finding]:
    is_first = line.number == 1
    if (kind is HEADER) != is_first:
        reason = "must be HEADER in the first line" if is_first else "must be HEADER in the first line only"
        yield Finding(line.number, HEADER.name, HEADER.position("record_identifier"), "record_identifier", reason)
    if (kind is TRAILER) != line.is_last:
        reason = "must be TRAILER in the last line" if line.is_last else "must be TRAILER in the last line only"
        yield Finding(line.number, TRAILER.name, TRAILER.position("record_identifier"), "record_identifier", reason)


def _wrong_length(line: Line, segment: Segment) -> list[Finding]:
    declared, length = line.text[:4], len(line.text)
    if length > LONGEST:
        reason = f"must be the length of the line, which is longer than any record: {LONGEST}"
    elif declared.isdecimal() and int(declared) != length:
        reason = f"must be the length of the line, {length:04}, not {declared}"
    elif length < segment.length or (length > segment.length and segment is not BASE):
        least = "at least " if segment is BASE else ""
        reason = f"must be {least}{segment.length:04}, and the line has as many characters: it has {length}"
    else:
        return []
    return [
        Finding(line.number, segment.name, segment.position("record_descriptor_word"), "record_descriptor_word", reason)
    ]
