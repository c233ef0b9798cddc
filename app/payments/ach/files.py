"""How records become a file: batches with their controls, blocks of ten, and the sums that prove both."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from payments.ach.layouts import BATCH_CONTROL, BATCH_HEADER, BLOCKING_FACTOR, FILE_CONTROL, FILLER

ENCODING = "ascii"
DEBITS_ONLY = "225"
_HASH_MODULUS = 10**10


class Totals(NamedTuple):
    """What the controls state: entries and addenda, the hash of the banks' numbers, and cents by direction."""

    entries: int = 0
    entry_hash: int = 0
    debit_cents: int = 0
    credit_cents: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch header's fields, the records under it, and what they add up to."""

    header: Mapping[str, object]
    records: Sequence[str]
    totals: Totals


def total(parts: Iterable[Totals]) -> Totals:
    """Return the sum of them all; the hash keeps its last ten digits."""
    sums = Totals(*map(sum, zip(*parts, strict=True)))
    return sums._replace(entry_hash=sums.entry_hash % _HASH_MODULUS)


def blocks(records: int) -> int:
    """Return how many blocks of ten the records fill, the last one with fillers."""
    return -(-records // BLOCKING_FACTOR)


def render(header: str, batches: Sequence[Batch]) -> bytes:
    """Return the file under a file header: batches, file control, and fillers to the end of the last block.

    Raises:
        BadSubmissionError: if a count or a sum does not fit its field.
    """
    lines = [header]
    for position, batch in enumerate(batches, start=1):
        lines += _batch_lines(batch, position)
    lines.append(_file_control(batches, blocks(len(lines) + 1)))
    lines += [FILLER] * (-len(lines) % BLOCKING_FACTOR)
    return ("\n".join(lines) + "\n").encode(ENCODING)


def _batch_lines(batch: Batch, position: int) -> list[str]:
    header = {**batch.header, "batch_number": position}
    control = {name: header[name] for name in ("service_class", "company_id", "originating_bank", "batch_number")}
    return [
        BATCH_HEADER.render(**header),
        *batch.records,
        BATCH_CONTROL.render(**control, **batch.totals._asdict()),
    ]


def _file_control(batches: Sequence[Batch], block_count: int) -> str:
    totals = total(batch.totals for batch in batches)
    return FILE_CONTROL.render(batches=len(batches), blocks=block_count, **totals._asdict())
