"""Which runs wait on their line: `schedules.line`, judged for all tenants at once with sets.

Asking row by row, as a claim does, takes seconds for a hundred thousand unfinished runs. Here every window is looked
at once, in due order, beside the tenants that earlier windows hold up; a test holds both answers equal.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date

from monitoring.facts import OpenWindow, union
from schedules.models import Registration


def block(windows: Sequence[OpenWindow], registered: Iterable[Registration]) -> None:
    """Move every run that waits on its line to its window's `blocked`.

    Args:
        windows: those in the ledger, in due order.
        registered: the schedules that are expected; what they have not opened yet holds up what comes after.
    """
    opened = list(registered)
    stopping = {window.id: window.stopping() for window in windows}
    of_date: dict[tuple[str, date], AbstractSet[int]] = {}
    for window in windows:
        place = (window.schedule, window.business_date)
        of_date[place] = union(of_date.get(place, frozenset()), stopping[window.id])
    own: dict[str, AbstractSet[int]] = {}
    books: set[int] = set()
    for window in windows:
        before = [own.get(window.schedule, frozenset()), *([books] if window.books else [])]
        before += [of_date.get((upstream, window.business_date), frozenset()) for upstream in window.after]
        _block_one(window, [stopping[window.id]] if _is_overtaking(window, opened) else before)
        own[window.schedule] = union(before[0], stopping[window.id])
        if window.books:
            books |= stopping[window.id]


def _is_overtaking(window: OpenWindow, registered: Iterable[Registration]) -> bool:
    """Return whether something that comes before the window may not be in the ledger yet."""
    return any(
        one.opened_through < window.due_at
        and (one.name == window.schedule or (one.books and window.books) or one.name in window.after)
        for one in registered
    )


def _block_one(window: OpenWindow, before: Sequence[AbstractSet[int]]) -> None:
    free = union(window.resting, *(share.tenants for share in window.unstarted))
    window.blocked = union(*(free & held for held in before))
    if window.blocked:
        window.resting -= window.blocked
        shares = (replace(one, tenants=one.tenants - window.blocked) for one in window.unstarted)
        window.unstarted = [share for share in shares if share.tenants]


def count_behind(windows: Sequence[OpenWindow], tenant: int, root: str) -> int:
    """Return how many of a tenant's runs wait, directly or behind others, for its unfinished runs of a schedule.

    Args:
        windows: in due order.
        tenant: its id.
        root: the schedule's name.
    """
    held = _Held()
    behind = 0
    for window in windows:
        if tenant in window.blocked and held.stops(window):
            behind += 1
            held.add(window)
        elif window.schedule == root and window.stops(tenant):
            held.add(window)
    return behind


class _Held:
    """What waits behind one root: the places in the line that it has taken."""

    def __init__(self) -> None:
        self._books = False
        self._schedules: set[str] = set()
        self._dates: set[tuple[str, date]] = set()

    def stops(self, window: OpenWindow) -> bool:
        after = ((upstream, window.business_date) for upstream in window.after)
        return (
            (self._books and window.books)
            or window.schedule in self._schedules
            or any(one in self._dates for one in after)
        )

    def add(self, window: OpenWindow) -> None:
        self._books |= window.books
        self._schedules.add(window.schedule)
        self._dates.add((window.schedule, window.business_date))
