"""What a cross rule is, how a function becomes one, and which rules a segment has to keep.

A segment that matches its layout comes to its rules as that match, its groups being the fields. Amounts and days are
compared as text: zero-filled numbers of one width, and days turned to YYYYMMDD, sort as they count.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

Parts = re.Match[str]
Holds = Callable[[Parts], bool]

NO_DATE, NOTHING, NO_SSN = "00000000", "000000000", frozenset({"000000000", "999999999"})


class Rule(NamedTuple):
    """One cross rule.

    Args:
        segment: the name of the one that must keep it.
        field: the one to blame when it is broken.
        reason: what that field must be.
        holds: whether a segment keeps it.
        statuses: the account statuses that it is about, of a base segment; None if all.
    """

    segment: str
    field: str
    reason: str
    holds: Holds
    statuses: frozenset[str] | None = None


#: The rules that need nothing but their segment.
RULES: list[Rule] = []


def rule(
    field: str, reason: str, *, segments: tuple[str, ...] = ("BASE",), statuses: frozenset[str] | None = None
) -> Callable[[Holds], Holds]:
    """Make a function a rule of some segments, or of base segments with some statuses."""

    def register(holds: Holds) -> Holds:
        RULES.extend(Rule(segment, field, reason, holds, statuses) for segment in segments)
        return holds

    return register


class RuleBook:
    """Finds the rules of a segment: those of its name and, for a base segment, of its account's status."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Take the rules."""
        self._rules = tuple(rules)
        self._found: dict[tuple[str, str], tuple[Rule, ...]] = {}

    def rules_of(self, segment: str, parts: Parts) -> tuple[Rule, ...]:
        """Return the rules of a well-formed segment."""
        key = (segment, parts["account_status"] if segment == "BASE" else "")
        if key not in self._found:
            self._found[key] = tuple(
                rule
                for rule in self._rules
                if rule.segment == segment and (not rule.statuses or key[1] in rule.statuses)
            )
        return self._found[key]


def day(date_text: str) -> str:
    """Return MMDDYYYY as YYYYMMDD, which sorts."""
    return date_text[4:] + date_text[:4]


@lru_cache(maxsize=4096)
def ordinal(date_text: str) -> int:
    """Return the number of the day MMDDYYYY."""
    return date(int(date_text[4:]), int(date_text[:2]), int(date_text[2:4])).toordinal()
