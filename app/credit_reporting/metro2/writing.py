"""The lines of a Metro 2 file, without line ends: the header, one for each record, and the trailer."""

import re

from credit_reporting.metro2 import layout, records
from credit_reporting.metro2.exceptions import FieldError, MissingValueError, RecordTooLongError
from credit_reporting.metro2.fields import Field, Layout
from credit_reporting.metro2.records import Header, Record, Trailer

_LONGEST = 9999
_LAYOUTS: dict[type, Layout] = {
    records.J1: layout.J1,
    records.J2: layout.J2,
    records.K1: layout.K1,
    records.K2: layout.K2,
    records.K3: layout.K3,
    records.K4: layout.K4,
    records.L1: layout.L1,
    records.N1: layout.N1,
}
# What comes of a value that is none of its field's: a word as an amount or a date, an amount that is not finite.
_NO_SUCH_VALUE = (TypeError, ValueError, ArithmeticError, AttributeError)


def header_line(header: Header) -> str:
    """Return the first line of a file."""
    return _render(layout.HEADER, header, "The header")


def record_line(record: Record) -> str:
    """Return the line of one account, its segments behind the base segment and its own length in front.

    Raises:
        FieldError: naming the field, the account and what to do.
        RecordTooLongError: if the length has more than four digits.
    """
    subject = f"Account {record.base.account_number}"
    line = _render(layout.BASE, record.base, subject)
    segments = record.segments
    if not segments:
        return line
    line += "".join(_render(_LAYOUTS[type(segment)], segment, subject) for segment in segments)
    if len(line) > _LONGEST:
        raise RecordTooLongError(subject, len(line))
    return f"{len(line):04}{line[4:]}"


def trailer_line(trailer: Trailer) -> str:
    """Return the last line of a file."""
    return _render(layout.TRAILER, trailer, "The trailer")


def _render(kind: Layout, values: tuple[object, ...], subject: str) -> str:
    try:
        line = _at_once(kind, values)
    except _NO_SUCH_VALUE:
        line = ""
    return line if kind.shape.fullmatch(line) else _one_by_one(kind, values, subject)


def _at_once(kind: Layout, values: tuple[object, ...]) -> str:
    """Return the segment, or nothing where some value needs a closer look."""
    ready = [*values]
    for at, prepare in kind.prepared:
        ready[at] = prepare(ready[at])
    # A template would write None as a word, which is a name as good as any.
    return "" if None in ready else (kind.template % tuple(ready)).upper()


def _one_by_one(kind: Layout, values: tuple[object, ...], subject: str) -> str:
    """Return the segment with its text in ASCII, or tell which field is wrong."""
    remaining = iter(values)
    return "".join(
        _field(kind, field, next(remaining), subject) if field.name else field.template for field in kind.fields
    )


def _field(kind: Layout, field: Field, value: object, subject: str) -> str:
    try:
        written = _written(field, value)
    except _NO_SUCH_VALUE:
        written = ""
    if re.fullmatch(field.pattern, written):
        return written
    is_missing = field.required and not str(value or "").strip()
    error = MissingValueError if is_missing else FieldError
    shown = "what was given (an identity, not shown)" if field.private else repr(value)
    raise error(subject, kind.segment, f"{field.first}-{field.last}", field.name, shown, field.takes)


def _written(field: Field, value: object) -> str:
    ready = value or field.missing
    for change in filter(None, (field.mend, field.prepare)):
        ready = change(ready)
    return (field.template % (ready,)).upper()
