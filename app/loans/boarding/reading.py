"""Reads a tape: every line becomes a `TapeRow`, or the reason why it cannot."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from hashlib import md5
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

from loans.boarding.report import Finding
from loans.boarding.values import CLOSED, COLUMNS, CURRENT, DAYS_LATE, IDENTITY
from loans.exceptions import BadLineError, BoardingError
from loans.grid import add_months, months_between
from loans.identity import NOBODY, Identity
from loans.models import TapeRow

#: Where the published tape's paid totals point.
DEFAULT_AS_OF = date(2018, 6, 30)


def open_tape(path: Path) -> TextIO:
    """Open a tape for reading.

    Raises:
        BoardingError: if the file cannot be read.
    """
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise BoardingError(f"{path} cannot be read: {error.strerror}.") from error


def count_lines(path: Path) -> int:
    """Return how many loans a tape has about, to show how far it is read."""
    with open_tape(path) as lines:
        return max(0, sum(1 for _ in lines.buffer) - 1)


def read(lines: Iterable[str], *, as_of: date) -> Iterator[TapeRow | Finding]:
    """Yield for each line of a tape what it says, or why it is refused.

    Args:
        lines: the header first.
        as_of: day of the transfer.

    Raises:
        BoardingError: if it is no tape, by its header or its encoding.
    """
    reader = csv.reader(lines)
    try:
        header = _header(next(reader, []))
        for values in reader:
            if values:
                yield _row_or_finding(header, values, line=reader.line_num, as_of=as_of)
    except (csv.Error, UnicodeDecodeError) as error:
        raise BoardingError(f"After line {reader.line_num} the file is not CSV in UTF-8: {error}.") from error


def oldest_due(*, status: str, issued_on: date, term: int, as_of: date) -> date | None:
    """Return the due date of the oldest unpaid instalment at the transfer, None for a closed loan (settled rule 22).

    Dues are on the 1st, from the month after issue. Nothing falls due before the first or after the last of them.
    """
    if status in CLOSED:
        return None
    if status == CURRENT:
        month = add_months(as_of.replace(day=1), 1)
    else:
        month = (as_of - timedelta(days=DAYS_LATE[status])).replace(day=1)
    return add_months(issued_on, min(max(months_between(issued_on, month), 1), term))


def _header(columns: list[str]) -> list[str]:
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise BoardingError(f"The first line lacks the columns {', '.join(missing)}: a tape names its columns there.")
    return columns


def _row_or_finding(header: list[str], values: list[str], *, line: int, as_of: date) -> TapeRow | Finding:
    given = {column: value.strip() for column, value in zip(header, values, strict=False)}
    finding = partial(Finding, line=line, loan_number=given.get("loan_number", ""))
    if len(values) != len(header):
        return finding(reason=f"the line has {len(values)} values for {len(header)} columns")
    try:
        return _row(given, line=line, as_of=as_of)
    except BadLineError as error:
        return finding(reason=str(error))


def _row(given: Mapping[str, str], *, line: int, as_of: date) -> TapeRow:
    values = {column: _parse(column, given[column]) for column in COLUMNS}
    issued_on = values.pop("issue_month")
    if issued_on > as_of:
        raise BadLineError(f"issue_month is after the transfer of {as_of}")
    row = TapeRow(
        line=line,
        as_of=as_of,
        fingerprint=_fingerprint(given),
        issued_on=issued_on,
        oldest_due=oldest_due(status=values["loan_status"], issued_on=issued_on, term=values["term"], as_of=as_of),
        **values,
    )
    row.identity = _identity(given, state=row.state)
    return row


def _parse(column: str, value: str) -> Any:
    try:
        return COLUMNS[column](value)
    except ValueError as error:
        raise BadLineError(f"{column} {value!r} {error}") from error


def _identity(given: Mapping[str, str], *, state: str) -> Identity:
    """Return who owes; what is wrong with it is told without repeating it."""
    said: dict[str, Any] = {column: value for column in IDENTITY if (value := given.get(column))}
    for column, value in said.items():
        try:
            said[column] = IDENTITY[column](value)
        except ValueError as error:
            raise BadLineError(f"{column} {error}") from None
    return Identity(**said, state=state) if said else NOBODY


def _fingerprint(given: Mapping[str, str]) -> UUID:
    text = "\x1f".join(given[column] for column in COLUMNS)
    return UUID(bytes=md5(text.encode(), usedforsecurity=False).digest())
