"""The facts of one scan: what of the night is unfinished, window by window, as sets of tenants."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime

from monitoring.canaries import LifeSign

#: A tenant's and a schedule's name.
Pair = tuple[str, str]


def union(*some: AbstractSet[int]) -> AbstractSet[int]:
    """Return the union of some sets, which is not to be changed: where one has all the members, it is that one."""
    full = list({id(one): one for one in some if one}.values())
    return full[0] if len(full) == 1 else frozenset().union(*full)


@dataclass(frozen=True, kw_only=True)
class Unstarted:
    """Tenants whose runs of a window nobody has started yet, although their line is free.

    Args:
        state: `waiting` or `ready`.
        late_from: from when they are late, business time.
        tenants: their ids.
    """

    state: str
    late_from: datetime
    tenants: AbstractSet[int]


@dataclass(kw_only=True)
class OpenWindow:
    """A due window that active tenants have not finished, or that nobody has opened.

    Args:
        id: the window; None while it is not in the ledger.
        schedule: its name.
        queue: where its runs go.
        after: schedules that come before it on the same business date.
        books: whether it stands in the books line.
        business_date: its date.
        due_at: when it was due, business time.
        deadline_at: from when its runs are missed or overdue, business time.
        stops_line: whether a failed run of it holds up what comes after; one of an ad hoc window does not.
    """

    id: int | None
    schedule: str
    queue: str
    after: Sequence[str]
    books: bool
    business_date: date
    due_at: datetime
    deadline_at: datetime
    stops_line: bool = True
    unstarted: list[Unstarted] = field(default_factory=list)
    #: In a worker, or split into children that are.
    running: AbstractSet[int] = frozenset()
    #: Started, and to be started again: they rest before a retry, or were given back.
    resting: AbstractSet[int] = frozenset()
    failed: AbstractSet[int] = frozenset()
    #: Tenants with a failed child, and with any other unfinished one.
    failed_items: AbstractSet[int] = frozenset()
    open_items: AbstractSet[int] = frozenset()
    #: Waiting on their line, which is nobody's problem but their root's.
    blocked: AbstractSet[int] = frozenset()

    def stopping(self) -> AbstractSet[int]:
        """Return the tenants whose line is not finished as long as this window's runs are as they are."""
        failed = (self.failed, self.failed_items) if self.stops_line else ()
        started = (self.running, self.resting, self.open_items, self.blocked)
        return union(*failed, *started, *(share.tenants for share in self.unstarted))

    def stops(self, tenant: int) -> bool:
        """Return whether a tenant is one of `stopping`."""
        is_started = tenant in self.running or tenant in self.resting or tenant in self.open_items
        is_failed = self.stops_line and (tenant in self.failed or tenant in self.failed_items)
        is_unstarted = any(tenant in share.tenants for share in self.unstarted)
        return is_started or is_failed or is_unstarted or tenant in self.blocked


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What has ended of a schedule's newest window in the ledger.

    Args:
        id: the window.
        due_at: when it was due, business time.
        succeeded: tenants whose run succeeded.
        skipped: tenants whose run was skipped.
        quarantined: items that its runs left out.
    """

    id: int
    due_at: datetime
    succeeded: int
    skipped: int
    quarantined: int


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """What should have left the system.

    Args:
        messages: pending messages that are due.
        oldest_due_at: since when the oldest of them is, business time; None when there is none.
    """

    messages: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that one scan read, as of one instant.

    Args:
        scanned_at: that instant, lease time.
        tenants: names of the active tenants by id.
        tenant_states: tenants by status.
        windows: unfinished and unopened ones, in due order.
        finished: by schedule, what has ended of its newest window.
        beats: beats that ticked a moment ago.
        ticked_at: newest tick of any beat, lease time.
        outbox: what should have left the system.
        life_signs: of the queues that have given one.
        successes: business time of the last success by tenant and schedule; empty unless asked for.
    """

    scanned_at: datetime
    tenants: Mapping[int, str]
    tenant_states: Mapping[str, int]
    windows: Sequence[OpenWindow]
    finished: Mapping[str, Finished]
    beats: int
    ticked_at: datetime | None
    outbox: Outbox
    life_signs: Sequence[LifeSign]
    successes: Mapping[Pair, datetime]
