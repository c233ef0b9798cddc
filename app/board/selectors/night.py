"""One night: every schedule of the business date in due order, what is wrong on top, and how a catch-up goes on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from board.access import Principal
from board.selectors import roots, shares
from board.selectors.shares import Share
from common import clock
from schedules.catalog import Schedule
from schedules.models import Window
from schedules.registry import catalog

#: Origins whose progress is told apart.
BEHIND = (Window.Origin.CATCH_UP, Window.Origin.BACKFILL)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One schedule's windows of the night.

    Args:
        schedule: its name.
        due_at: when the first of them is due.
        shares: the windows, in due order; empty while none is due.
    """

    schedule: str
    due_at: datetime
    shares: Sequence[Share]

    @property
    def counts(self) -> dict[str, int]:
        """Return tenants by state over all of them."""
        states = dict.fromkeys(state for share in self.shares for state in share.counts)
        return {state: sum(share.counts.get(state, 0) for share in self.shares) for state in states}

    @property
    def wrong(self) -> dict[str, int]:
        """Return what somebody has to look at."""
        return {state: count for state, count in self.counts.items() if state in shares.WRONG}

    @property
    def exceptions(self) -> int:
        """Return how many items are in quarantine."""
        return sum(share.exceptions for share in self.shares)

    @property
    def shown(self) -> Share | None:
        """Return the window whose times are drawn: the first that is wrong or unfinished, or else the newest."""
        unfinished = (share for share in self.shares if share.word not in {"succeeded", "skipped"})
        return next(unfinished, self.shares[-1] if self.shares else None)

    @property
    def word(self) -> str:
        """Return how the schedule stands, in one word."""
        return self.shown.word if self.shown else "due later"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How a catch-up or backfill goes on.

    Args:
        origin: which.
        done: runs that have ended.
        total: all of them.
        ends_at: when the rest will have, at the present pace; None while nothing is known.
    """

    origin: str
    done: int
    total: int
    ends_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Night:
    """What the page shows.

    Args:
        date: the business date.
        rows: its schedules, in due order.
        roots: what is wrong, in words.
        progress: of catch-up and backfill.
        at: business time of the look.
    """

    date: date
    rows: Sequence[Row]
    roots: Sequence[roots.Root]
    progress: Sequence[Progress]
    at: datetime

    @property
    def done(self) -> int:
        """Return how many of its windows have ended."""
        return sum(share.word in {"succeeded", "skipped"} for row in self.rows for share in row.shares)

    @property
    def windows(self) -> int:
        """Return how many windows are due by now."""
        return sum(len(row.shares) for row in self.rows)

    @property
    def later(self) -> int:
        """Return how many schedules are not due yet."""
        return sum(not row.shares for row in self.rows)

    @property
    def exceptions(self) -> int:
        """Return how many items are in quarantine."""
        return sum(row.exceptions for row in self.rows)

    @property
    def word(self) -> str:
        """Return how far a night with nothing wrong is, in one word: it has succeeded only when nothing is left."""
        if not self.windows:
            return "due later" if self.later else "nothing due"
        return "succeeded" if self.done == self.windows and not self.later else "under way"

    @property
    def is_calm(self) -> bool:
        """Return whether there is nothing to look at."""
        return not self.roots and not any(row.wrong for row in self.rows)


def night(principal: Principal, business_date: date) -> Night:
    """Return one night as a principal may see it.

    Args:
        principal: who looks.
        business_date: which.
    """
    open_windows = shares.seen(principal)
    windows = list(Window.objects.filter(business_date=business_date).order_by("due_at", "pk"))
    found = shares.shares(principal, windows, open_windows)
    found += [one for one in shares.unopened(open_windows) if one.business_date == business_date]
    return Night(
        date=business_date,
        rows=_rows(found, business_date),
        roots=roots.roots(open_windows, among=business_date),
        progress=_progress(found),
        at=clock.now(),
    )


def _rows(found: Iterable[Share], business_date: date) -> list[Row]:
    by_schedule = groupby(sorted(found, key=lambda one: (one.schedule, one.due_at)), key=lambda one: one.schedule)
    rows = {name: list(some) for name, some in by_schedule}
    told = [Row(schedule=name, due_at=some[0].due_at, shares=some) for name, some in rows.items()]
    later = (_later(schedule, business_date) for schedule in catalog() if schedule.name not in rows)
    return sorted([*told, *filter(None, later)], key=lambda row: row.due_at)


def _later(schedule: Schedule, business_date: date) -> Row | None:
    """Return the row of a schedule that is due on this date, but not yet."""
    due_at = schedule.due_on(business_date)
    if due_at is None or due_at <= clock.now():
        return None
    return Row(schedule=schedule.name, due_at=due_at, shares=[])


def _progress(found: Sequence[Share]) -> list[Progress]:
    groups = ([one for one in found if one.origin == origin] for origin in BEHIND)
    return [_progress_of(some) for some in groups if any(one.done < one.total for one in some)]


def _progress_of(some: Sequence[Share]) -> Progress:
    done, total = sum(one.done for one in some), sum(one.total for one in some)
    began = min(one.opened_at for one in some if one.opened_at)
    now = clock.now()
    return Progress(
        origin=some[0].origin.replace("_", " "),
        done=done,
        total=total,
        ends_at=now + (now - began) / done * (total - done) if done else None,
    )


def neighbours(business_date: date) -> tuple[date | None, date | None]:
    """Return the nights before and after one; None beyond the first window and beyond today."""
    today = clock.today()
    first = Window.objects.order_by("due_at").values_list("business_date", flat=True).first() or today
    before = business_date - timedelta(days=1) if business_date > first else None
    return before, business_date + timedelta(days=1) if business_date < today else None
