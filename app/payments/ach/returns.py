"""Reads return files, as the originating bank hands them over: entries with the reason why each came back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from payments.ach.exceptions import BadRecordError, ForeignFileError, UnknownReturnCodeError
from payments.ach.reading import Fields, ReadEntry, ReadFile, read_file
from payments.ach.return_codes import CATALOGUE
from payments.processors.port import NUMBERS, Correction, Originator, Return

Notice = tuple[ReadEntry, Fields]
_RETURN, _CORRECTION = "99", "98"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFile:
    """What one file brings; `created_on` is the date on which its returns are reversed."""

    created_on: date
    returns: Sequence[Return]
    corrections: Sequence[Correction]


def read_return_file(data: bytes, *, originator: Originator, source: str) -> ReturnFile:
    """Return the returns and notices of change in a file, all of them or none.

    Args:
        source: the file's name; every return bears it.

    Raises:
        BadRecordError: for a record of the wrong length, kind, place or content.
        BadTotalsError: for a count, a hash or a total that is not that of the entries.
        ForeignFileError: if a batch is another company's.
        UnknownReturnCodeError: listing the entries whose code is not in the catalogue.
    """
    file = read_file(data)
    created_on = _date(file.header["created_on"])
    notices = list(_notices(file, originator))
    _check_codes(notices)
    return ReturnFile(
        created_on=created_on,
        returns=[_return(*notice, created_on, source) for notice in notices if _type(notice) == _RETURN],
        corrections=[_correction(*notice, created_on, source) for notice in notices if _type(notice) == _CORRECTION],
    )


def _notices(file: ReadFile, originator: Originator) -> Iterable[Notice]:
    """Yield every entry with its one addenda."""
    for batch in file.batches:
        if batch.header["company_id"] != originator.company_id:
            raise ForeignFileError(
                f"The batch of line {batch.line} is that of company {batch.header['company_id']}, not of "
                f"{originator.company_id}: nothing was taken. Ask the bank for a file of this company alone."
            )
        for entry in batch.entries:
            if len(entry.addenda) != 1:
                raise BadRecordError(f"The entry of line {entry.line} is no return: it needs one addenda 99.")
            yield entry, entry.addenda[0]


def _check_codes(notices: Iterable[Notice]) -> None:
    unknown = [
        f"{addenda['code']!r} on line {entry.line} (trace {addenda['original_trace']})"
        for entry, addenda in notices
        if addenda["addenda_type"] == _RETURN and addenda["code"] not in CATALOGUE
    ]
    if unknown:
        raise UnknownReturnCodeError(
            f"Unknown return codes: {', '.join(unknown)}. Nothing was taken; ask the bank what they mean."
        )


def _type(notice: Notice) -> str:
    return notice[1]["addenda_type"]


def _return(entry: ReadEntry, addenda: Fields, created_on: date, source: str) -> Return:
    return Return(
        number=int(addenda["original_trace"]) % NUMBERS,
        individual_id=entry.fields["individual_id"],
        amount=Decimal(int(entry.fields["cents"])).scaleb(-2),
        code=addenda["code"],
        trace=addenda["original_trace"],
        returned_on=created_on,
        source=source,
        date_of_death=_date(addenda["date_of_death"]) if addenda["date_of_death"] else None,
    )


def _correction(entry: ReadEntry, addenda: Fields, created_on: date, source: str) -> Correction:
    return Correction(
        number=int(addenda["original_trace"]) % NUMBERS,
        individual_id=entry.fields["individual_id"],
        code=addenda["code"],
        corrected=addenda["corrected"],
        trace=addenda["original_trace"],
        notified_on=created_on,
        source=source,
    )


def _date(value: str) -> date:
    try:
        return date.fromisoformat(f"20{value}")
    except ValueError as error:
        raise BadRecordError(f"{value!r} is no date (YYMMDD): nothing was taken; ask the bank.") from error
