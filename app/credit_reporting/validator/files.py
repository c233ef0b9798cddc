"""Reads a file line by line, whatever it is, and finds the segments of a line."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from credit_reporting.validator.fields import Segment
from credit_reporting.validator.layout import ATTACHED, BASE, HEADER

#: The longest record that four digits can describe.
LONGEST = 9999

_ATTACHED = {segment.name: segment for segment in ATTACHED}
_CHUNK = 1 << 16


class BinaryFileError(Exception):
    """The file is no text; nothing of it was yielded."""


class Line(NamedTuple):
    """One line of a file: its number from 1, its text without the line's end, and whether it is the last."""

    number: int
    text: str
    is_last: bool


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file, at constant memory; of a line longer than any record only its beginning.

    Every byte becomes one character, so that a text in any encoding can be read.

    Raises:
        OSError: if the file cannot be read.
        BinaryFileError: if its first line neither begins a record nor is printable.
    """
    number, text = 0, ""
    for following in _texts(path):
        if number:
            yield Line(number, text, is_last=False)
        elif _is_binary(following):
            raise BinaryFileError
        number, text = number + 1, following
    if number:
        yield Line(number, text, is_last=True)


def activity_date(path: Path) -> date | None:
    """Return the activity date of a file; None if it has no well-formed header.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        header = HEADER.pattern.match(file.readline(LONGEST).decode("latin-1"))
    if not header:
        return None
    text = header["activity_date"]
    return date(int(text[4:]), int(text[:2]), int(text[2:4]))


def _texts(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        while beginning := file.readline(LONGEST + 2):
            yield beginning.removesuffix(b"\n").removesuffix(b"\r").decode("latin-1")
            rest = beginning
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(_CHUNK)


def _is_binary(first: str) -> bool:
    begins_a_record = first[:4].isdecimal() or first[4:10] == HEADER.name
    return not begins_a_record and not (first.isascii() and first.isprintable())


def attached(line: str) -> Iterator[tuple[Segment, int]]:
    """Yield the segments after the base segment, each with the index where it begins, as far as they can be told."""
    at = BASE.length
    while (segment := _ATTACHED.get(line[at : at + 2])) and at + segment.length <= len(line):
        yield segment, at
        at += segment.length
