"""Counting a file's records as they pass, so that the trailer needs none of them again."""

from collections import defaultdict

from credit_reporting.metro2.records import J1, J2, Consumer, Record, Trailer

_HEADER_AND_TRAILER = 2
_NO_SSN = ("", "0" * 9, "9" * 9)
_NO_PHONE = ("", "0" * 10)


class Totals:
    """What was counted so far; its size does not depend on how much that is."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = defaultdict(int)

    def add(self, record: Record) -> None:
        """Count a record that was written."""
        self._counts["base_records"] += 1
        self._counts[f"status_{record.base.account_status.lower()}"] += 1
        self._add_consumer("base", record.base)
        for segment in record.segments:
            kind = type(segment).__name__.lower()
            self._counts[f"{kind}_segments"] += 1
            if isinstance(segment, J1 | J2):
                self._add_consumer(kind, segment)

    def trailer(self) -> Trailer:
        """Return the trailer of the records counted so far."""
        counts = self._counts
        return Trailer(
            **counts,
            blocks=counts["base_records"] + _HEADER_AND_TRAILER,
            all_ssns=counts["base_ssns"] + counts["j1_ssns"] + counts["j2_ssns"],
            all_birth_dates=counts["base_birth_dates"] + counts["j1_birth_dates"] + counts["j2_birth_dates"],
        )

    def _add_consumer(self, kind: str, consumer: Consumer) -> None:
        # What is filled with zeros, or an SSN with nines, stands for none (CRRG, trailer record).
        self._counts["ecoa_z"] += consumer.ecoa.upper() == "Z"
        self._counts[f"{kind}_ssns"] += (consumer.ssn or "") not in _NO_SSN
        self._counts[f"{kind}_birth_dates"] += consumer.birth_date is not None
        self._counts["all_phones"] += (consumer.phone or "") not in _NO_PHONE
