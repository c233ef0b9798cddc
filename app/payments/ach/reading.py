"""Reads ACH files: the records into batches and entries, and nothing unless every count, hash and total is right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from payments.ach.exceptions import BadRecordError, BadRoutingNumberError, BadTotalsError
from payments.ach.files import ENCODING, Totals, blocks, total
from payments.ach.layouts import (
    BATCH_CONTROL,
    BATCH_HEADER,
    CORRECTION_ADDENDA,
    ENTRY,
    FILE_CONTROL,
    FILE_HEADER,
    FILLER,
    RECORD_LENGTH,
    RETURN_ADDENDA,
    Layout,
)
from payments.ach.values import check_routing_number

Fields = Mapping[str, str]
_LAYOUTS = {"1": FILE_HEADER, "5": BATCH_HEADER, "6": ENTRY, "8": BATCH_CONTROL, "9": FILE_CONTROL}
_ADDENDA = {"98": CORRECTION_ADDENDA, "99": RETURN_ADDENDA}
#: Which kinds of record may follow which; "" is the beginning.
_FOLLOWERS = {"": "1", "1": "59", "5": "6", "6": "678", "7": "678", "8": "59"}
_FIRST_DEBIT_CODE = 5  # Of a transaction code's second digit: 0 to 4 are credits.
_ADVICE = "Nothing was taken; ask the bank to send the file again."


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry, the line it stands on, and its addenda."""

    line: int
    fields: Fields
    addenda: list[Fields] = field(default_factory=list)

    @property
    def totals(self) -> Totals:
        """What this entry and its addenda add to the controls."""
        cents = int(self.fields["cents"])
        is_debit = int(self.fields["transaction_code"][-1]) >= _FIRST_DEBIT_CODE
        bank = int(self.fields["routing_number"][:8])
        return Totals(1 + len(self.addenda), bank, cents * is_debit, cents * (not is_debit))


@dataclass(slots=True)
class ReadBatch:
    """A batch between its header and its control."""

    line: int
    header: Fields
    entries: list[ReadEntry] = field(default_factory=list)
    control: Fields = field(default_factory=dict)


@dataclass(slots=True)
class ReadFile:
    """A whole file."""

    header: Fields
    batches: list[ReadBatch] = field(default_factory=list)
    control: Fields = field(default_factory=dict)


def read_file(data: bytes) -> ReadFile:
    """Return the content of a file whose form and sums are right in every place.

    Raises:
        BadRecordError: for a record of the wrong length, kind, place or content, naming its line.
        BadTotalsError: for a count, a hash or a total that is not that of the entries.
    """
    lines = _lines(data)
    file = _assemble(_records(lines))
    for batch in file.batches:
        _check_batch(batch)
    _check_file(file, len(lines))
    return file


def _lines(data: bytes) -> list[str]:
    try:
        text = data.decode(ENCODING)
    except UnicodeDecodeError as error:
        raise BadRecordError(f"Byte {error.start + 1} is not ASCII. {_ADVICE}") from error
    lines = text.splitlines()
    if len(lines) == 1:  # Some banks send the records without any line ends.
        return [text[start : start + RECORD_LENGTH] for start in range(0, len(text), RECORD_LENGTH)]
    return lines


def _records(lines: list[str]) -> Iterator[tuple[int, str, Fields]]:
    """Yield line, kind and fields of each record up to the file control; after that only fillers may come."""
    previous = ""
    for line, record in enumerate(lines, start=1):
        if len(record) != RECORD_LENGTH:
            raise BadRecordError(f"Line {line} has {len(record)} characters instead of 94. {_ADVICE}")
        if previous == "9":
            _check_filler(line, record)
            continue
        if record[0] not in _FOLLOWERS[previous]:
            raise BadRecordError(f"Line {line} is a record {record[0]!r}, which cannot stand there. {_ADVICE}")
        previous = record[0]
        yield line, previous, _parsed(line, record)
    if previous != "9":
        raise BadRecordError(f"The file ends after line {len(lines)} without a file control. {_ADVICE}")


def _check_filler(line: int, record: str) -> None:
    if record != FILLER:
        raise BadRecordError(f"Line {line} follows the file control and is no filler. {_ADVICE}")


def _parsed(line: int, record: str) -> Fields:
    layout: Layout | None = _ADDENDA.get(record[1:3]) if record[0] == "7" else _LAYOUTS[record[0]]
    if layout is None:
        raise BadRecordError(f"Line {line} is an addenda of type {record[1:3]!r}: 98 and 99 are read. {_ADVICE}")
    try:
        return layout.parse(record)
    except BadRecordError as error:
        raise BadRecordError(f"Line {line}: {error}. {_ADVICE}") from error


def _assemble(records: Iterator[tuple[int, str, Fields]]) -> ReadFile:
    file = ReadFile(next(records, (0, "", {}))[2])
    for line, kind, fields in records:
        match kind:
            case "5":
                file.batches.append(ReadBatch(line, fields))
            case "6":
                file.batches[-1].entries.append(ReadEntry(line, fields))
            case "7":
                file.batches[-1].entries[-1].addenda.append(fields)
            case "8":
                file.batches[-1].control = fields
            case _:
                file.control = fields
    return file


def _check_batch(batch: ReadBatch) -> None:
    where = f"The batch of line {batch.line}"
    for name in ("service_class", "company_id", "originating_bank", "batch_number"):
        _check_equal(f"{where}: {name}", batch.control[name], batch.header[name])
    _check_totals(where, batch.control, total(entry.totals for entry in batch.entries))
    previous = ""
    for entry in batch.entries:
        _check_entry(entry, previous)
        previous = entry.fields["trace"]


def _check_entry(entry: ReadEntry, previous_trace: str) -> None:
    try:
        check_routing_number(entry.fields["routing_number"])
    except BadRoutingNumberError as error:
        raise BadRecordError(f"Line {entry.line}: {error} {_ADVICE}") from error
    if entry.fields["trace"] <= previous_trace:
        raise BadRecordError(f"Line {entry.line}: trace {entry.fields['trace']} does not ascend. {_ADVICE}")


def _check_file(file: ReadFile, records: int) -> None:
    _check_equal("The file: batches", int(file.control["batches"]), len(file.batches))
    _check_equal("The file: blocks", int(file.control["blocks"]), blocks(records))
    _check_totals("The file", file.control, total(_stated(batch.control) for batch in file.batches))


def _check_totals(where: str, control: Fields, actual: Totals) -> None:
    for name, stated, value in zip(Totals._fields, _stated(control), actual, strict=True):
        _check_equal(f"{where}: {name}", stated, value)


def _stated(control: Fields) -> Totals:
    return Totals(*(int(control[name]) for name in Totals._fields))


def _check_equal(what: str, stated: object, actual: object) -> None:
    if stated != actual:
        raise BadTotalsError(f"{what} is stated as {stated} but is {actual}. {_ADVICE}")
