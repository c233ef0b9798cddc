"""Counting a file's records as they pass, so that the trailer needs none of them again."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from credit_reporting.metro2.records import J1, J2, Consumer, Record, Trailer

_HEADER_AND_TRAILER = 2
_NO_SSN = ("", "0" * 9, "9" * 9)
_NO_PHONE = ("", "0" * 10)
# What of a consumer is counted: zeros, and nines as an SSN, stand for none (CRRG, trailer record).
_Told = tuple[bool, bool, bool, bool]


class Totals:
    """What was counted so far; its size does not depend on how much that is."""

    def __init__(self) -> None:
        # A file has few kinds of records, each of them many times: one number for each kind takes half as long to count
        # as one for each line of the trailer.
        self._alike: dict[tuple[str, str, _Told], int] = defaultdict(int)

    def add(self, record: Record) -> None:
        """Count a record that was written."""
        self._alike["base", record.base.account_status, _told(record.base)] += 1
        for segment in record.segments:
            told = _told(segment) if isinstance(segment, J1 | J2) else _NOBODY
            self._alike[type(segment).__name__.lower(), "", told] += 1

    def trailer(self) -> Trailer:
        """Return the trailer of the records counted so far."""
        counts: Counter[str] = Counter()
        for alike, number in self._alike.items():
            counts.update(dict.fromkeys(_counters(*alike), number))
        return Trailer(**counts, blocks=counts["base_records"] + _HEADER_AND_TRAILER)


_NOBODY: _Told = (False, False, False, False)


def _told(consumer: Consumer) -> _Told:
    return (
        consumer.ecoa in {"Z", "z"},
        (consumer.ssn or "") not in _NO_SSN,
        consumer.birth_date is not None,
        (consumer.phone or "") not in _NO_PHONE,
    )


def _counters(kind: str, status: str, told: _Told) -> Iterator[str]:
    """Yield the trailer's counters in which a segment appears."""
    is_z, has_ssn, has_birth_date, has_phone = told
    yield f"{kind}_records" if kind == "base" else f"{kind}_segments"
    if status:
        yield f"status_{status.lower()}"
    if is_z:
        yield "ecoa_z"
    if has_ssn:
        yield from ("all_ssns", f"{kind}_ssns")
    if has_birth_date:
        yield from ("all_birth_dates", f"{kind}_birth_dates")
    if has_phone:
        yield "all_phones"
