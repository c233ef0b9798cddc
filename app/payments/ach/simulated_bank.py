"""The bank that the simulator stands for: it takes a file of debits and answers with return files."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from payments.ach.files import Batch, Totals, render, total
from payments.ach.layouts import ENTRY, FILE_HEADER, RETURN_ADDENDA
from payments.ach.reading import Fields, ReadFile
from payments.ach.return_codes import CATALOGUE, Arrival, last_arrival
from payments.ach.writing import RETRY_DESCRIPTION
from payments.calendar import roll_forward

OPENING = time(6, 0, tzinfo=UTC)
LATE = timedelta(days=20)
_WISH = re.compile(r"(R\d\d)(ONCE)?")
#: The transaction code of a return, by that of the debit: checking, savings.
_RETURN_CODES = {"27": "26", "37": "36"}
_DECEASED = {"R14", "R15"}


class _Returned(NamedTuple):
    """An entry that comes back: the header of its batch, its fields, and the reason."""

    batch: Fields
    entry: Fields
    code: str

    @property
    def bank(self) -> str:
        """The bank that returns it."""
        return self.entry["routing_number"][:8]


def return_files(debits: ReadFile) -> Mapping[date, bytes]:
    """Return the return files that answer a file of debits, by the date that they bear."""
    by_date = defaultdict(list)
    for returned in _returned(debits):
        by_date[_arrival(returned)].append(returned)
    return {day: _file(debits.header, day, by_date[day]) for day in sorted(by_date)}


def _returned(debits: ReadFile) -> Iterator[_Returned]:
    for batch in debits.batches:
        for entry in batch.entries:
            wish = _WISH.match(entry.fields["account_number"])
            if wish and wish[1] in CATALOGUE and not (wish[2] and batch.header["description"] == RETRY_DESCRIPTION):
                yield _Returned(batch.header, entry.fields, wish[1])


def _arrival(returned: _Returned) -> date:
    settlement = date.fromisoformat(f"20{returned.batch['effective_on']}")
    if CATALOGUE[returned.code].arrival is Arrival.SIXTY_DAYS:
        return roll_forward(settlement + LATE)
    return last_arrival(returned.code, settlement)


def _file(header: Fields, day: date, returned: Sequence[_Returned]) -> bytes:
    created = datetime.combine(day, OPENING)
    file_header = FILE_HEADER.render(
        immediate_destination=header["immediate_destination"].rjust(10),
        immediate_origin=header["immediate_destination"].rjust(10),
        created_on=f"{created:%y%m%d}",
        created_at=f"{created:%H%M}",
        file_id_modifier=header["file_id_modifier"],
        destination_name=header["origin_name"],
        origin_name=header["destination_name"],
    )
    return render(file_header, _batches(header, returned))


def _batches(header: Fields, returned: Sequence[_Returned]) -> list[Batch]:
    """Return a batch for every bank and every batch of debits: the original's header, sent by the returning bank."""
    groups = defaultdict(list)
    for one in returned:
        groups[one.bank, one.batch["batch_number"]].append(one)
    return [_batch(header, bank, groups[bank, number]) for bank, number in sorted(groups)]


def _batch(header: Fields, bank: str, returned: Sequence[_Returned]) -> Batch:
    records = [line for position, one in enumerate(returned, 1) for line in _records(header, one, position)]
    receiver = int(header["immediate_destination"][:8])
    totals = total(Totals(2, receiver, int(one.entry["cents"])) for one in returned)
    return Batch({**returned[0].batch, "originating_bank": bank}, records, totals)


def _records(header: Fields, returned: _Returned, position: int) -> tuple[str, str]:
    trace = f"{returned.bank}{position:07d}"
    entry = {
        **returned.entry,
        "transaction_code": _RETURN_CODES[returned.entry["transaction_code"]],
        "routing_number": header["immediate_destination"],
        "has_addenda": "1",
        "trace": trace,
    }
    addenda = {
        "code": returned.code,
        "original_trace": returned.entry["trace"],
        "date_of_death": returned.batch["effective_on"] if returned.code in _DECEASED else "",
        "original_bank": returned.bank,
        "trace": trace,
    }
    return ENTRY.render(**entry), RETURN_ADDENDA.render(**addenda)
