"""Which loans a job is to do, and how it names those that it cannot do."""

from collections.abc import Sequence

from common.outcomes import BadItem
from loans import selectors
from loans.scope import Scope

UNKNOWN = "no loan has this number: board it first"


def chosen(only: Sequence[str] | None) -> tuple[Scope, list[BadItem]]:
    """Return the loans with these numbers, or all for None, and the numbers that no loan has as bad items."""
    if only is None:
        return Scope(), []
    known = selectors.loan_ids(only)
    return Scope(list(known.values())), [bad_loan(number, UNKNOWN) for number in only if number not in known]


def bad_loan(number: str, reason: str) -> BadItem:
    """Return a loan as the item that was left out."""
    return BadItem(model="loans.Loan", key=number, reason=reason)
