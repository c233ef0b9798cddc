"""Counts a file again, to compare with what its trailer says."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from credit_reporting.validator.codes import ALL_STATUSES
from credit_reporting.validator.fields import Segment
from credit_reporting.validator.layout import ATTACHED, BASE, J1, J2, TRAILER
from credit_reporting.validator.rules.rule import NO_DATE, NO_SSN, Parts

#: The segments that describe a consumer.
_PEOPLE = (BASE, J1, J2)


class _Person(NamedTuple):
    """What the trailer counts about a consumer."""

    segment: str
    has_ssn: bool
    has_birth: bool
    has_telephone: bool
    is_deleted: bool


class Tally:
    """What a file's records add up to.

    Fields are counted as they stand, well formed or not, so that a slip in one of them is reported once and not
    again as a wrong total. Only a record whose status or segments cannot be told makes the totals meaningless.
    """

    def __init__(self) -> None:
        """Begin at zero."""
        self.is_certain = True
        #: Sum of the current balances, in whole dollars.
        self.balance = 0
        self._statuses: Counter[str] = Counter()
        self._attached: Counter[str] = Counter()
        self._people: Counter[_Person] = Counter()

    @property
    def records(self) -> int:
        """How many base segments there were."""
        return self._statuses.total()

    def add(self, segment: Segment, line: str, at: int) -> None:
        """Count the segment that begins at index `at` of a line."""
        if segment is BASE:
            self._add_account(line)
        else:
            self._attached[segment.name] += 1
        if segment in _PEOPLE:
            self._people[_person(segment, line, at)] += 1

    def _add_account(self, line: str) -> None:
        status, balance = BASE.text("account_status", line, 0), BASE.text("current_balance", line, 0)
        self._statuses[status] += 1
        self.is_certain &= status in ALL_STATUSES
        self.balance += int(balance) if balance.isdecimal() else 0

    def totals(self) -> dict[str, int]:
        """Return every counter of the trailer by its field."""
        return {
            "total_base_records": self.records,
            # The header and the trailer are blocks of their own.
            "block_count": self.records + 2,
            **{f"total_status_{status.lower()}": self._statuses[status] for status in ALL_STATUSES},
            **{f"total_{segment.name.lower()}_segments": self._attached[segment.name] for segment in ATTACHED},
            **self._by_segment("ssns", "has_ssn"),
            **self._by_segment("births", "has_birth"),
            "total_telephones": self._people_with("has_telephone", *_PEOPLE),
            "total_ecoa_z": self._people_with("is_deleted", *_PEOPLE),
        }

    def _by_segment(self, what: str, attribute: str) -> dict[str, int]:
        one_by_one = {f"total_{what}_{one.name.lower()}": self._people_with(attribute, one) for one in _PEOPLE}
        return {f"total_{what}": sum(one_by_one.values()), **one_by_one}

    def _people_with(self, attribute: str, *segments: Segment) -> int:
        names = [segment.name for segment in segments]
        return sum(n for person, n in self._people.items() if getattr(person, attribute) and person.segment in names)

    def differences(self, trailer: Parts) -> Iterator[tuple[str, str]]:
        """Yield the trailer's wrong counters, each with what is wrong; none if the totals mean nothing."""
        totals = self.totals()
        for field in TRAILER.fields if self.is_certain else ():
            total = totals.get(field.name)
            if total is not None and int(trailer[field.name]) != total:
                yield field.name, f"must be the number counted in the file, {total}, not {int(trailer[field.name])}"


def _person(segment: Segment, line: str, at: int) -> _Person:
    return _Person(
        segment.name,
        segment.text("social_security_number", line, at) not in NO_SSN,
        segment.text("date_of_birth", line, at) != NO_DATE,
        segment.text("telephone_number", line, at) != "0000000000",
        segment.text("ecoa_code", line, at) == "Z",
    )
