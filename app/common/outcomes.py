"""What a tenant job hands back: counts, quarantined items, or the children it fans out to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class BadItem:
    """One item that was left out while the rest was done.

    Args:
        model: the item's model label, e.g. `loans.Loan`.
        key: the item's own key, as an operator knows it (a loan number).
        reason: what is wrong and what to do about it.
    """

    model: str
    key: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a job that did its work.

    Args:
        counts: what was seen and changed, for the ledger and the screens; numbers only.
        quarantined: the items left out, each with its reason.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    quarantined: Sequence[BadItem] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the result of a call by hand: the counts, and the items left out if there are any."""
        left_out = [asdict(item) for item in self.quarantined]
        return {**self.counts, **({"quarantined": left_out} if left_out else {})}


@dataclass(frozen=True, kw_only=True)
class Child:
    """One share of a fanned-out run.

    Args:
        item: names the child within its run, e.g. a portfolio's id.
        args: positional arguments after `schema_name`; JSON.
        kwargs: keyword arguments; JSON.
    """

    item: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FanOut:
    """Returned by a parent instead of an `Outcome`: its children run, then the parent is called again to join.

    Args:
        task: the children's task name.
        children: its shares; none at all is a join at once.
    """

    task: str
    children: Sequence[Child]


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Given to the parent's second call as the keyword `joined`: how its children ended.

    Args:
        succeeded: children that succeeded.
        skipped: children that were skipped with a reason.
    """

    succeeded: int
    skipped: int
