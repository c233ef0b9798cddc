"""What is really wrong, in words: the runs that others wait for, told by schedule, the one that holds up most first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from common import clock
from monitoring.blocking import count_behind
from monitoring.facts import OpenWindow
from monitoring.judging import Problem, problems_of
from schedules import sql

#: So many tenants are named; for so many is counted what waits behind them.
NAMED, COUNTED = 3, 50


@dataclass(frozen=True, kw_only=True)
class Root:
    """One problem that explains others.

    Args:
        schedule: whose window.
        business_date: of that window.
        problem: failed, overdue or missed.
        tenants: how many.
        behind: how many tenants have runs that wait for it.
        named: the first few tenants' schema names.
        reason: the first failed run's error.
        run: that run's id.
    """

    schedule: str
    business_date: date
    problem: Problem
    tenants: int
    behind: int
    named: Sequence[str]
    reason: str = ""
    run: int | None = None

    @property
    def others(self) -> int:
        """Return how many tenants are not named."""
        return self.tenants - len(self.named)


# Of each window its first failed runs, and whose they are.
_FAILURES = """
SELECT r.window_id, r.tenant_id, r.id, r.reason FROM public.schedules_run r
WHERE r.state = 'failed' AND r.window_id = ANY (%(windows)s) AND r.tenant_id = ANY (%(tenants)s)
ORDER BY r.id"""


def roots(windows: Sequence[OpenWindow], *, among: date | None = None) -> list[Root]:
    """Return the root causes, those with most tenants behind them first, in a fixed number of statements.

    Args:
        windows: what is unfinished, in due order.
        among: only roots of this business date, or of one before it that holds it up; all by default.
    """
    now = clock.now()
    found = [
        (window, problem, sorted(tenants))
        for window in windows
        if among is None or window.business_date <= among
        for problem, tenants in problems_of(window, now)
        if tenants
    ]
    named = {tenant for _, _, tenants in found for tenant in tenants[:NAMED]}
    names = _names(named)
    failures = _failures([window.id for window, _, _ in found if window.id], named)
    told = []
    for window, problem, tenants in found:
        run, reason = next((failures[one] for one in _places(window, tenants) if one in failures), (None, ""))
        told.append(
            Root(
                schedule=window.schedule,
                business_date=window.business_date,
                problem=problem,
                tenants=len(tenants),
                behind=_behind(windows, window, tenants),
                named=[names[one] for one in tenants[:NAMED]],
                reason=reason,
                run=run,
            )
        )
    return sorted(told, key=lambda root: (-root.behind, -root.tenants))


def _names(ids: set[int]) -> dict[int, str]:
    rows = sql.fetch("SELECT id, schema_name FROM public.tenants_tenant WHERE id = ANY (%(ids)s)", {"ids": list(ids)})
    return {row.id: row.schema_name for row in rows}


def _failures(window_ids: Sequence[int], tenants: set[int]) -> dict[tuple[int, int], tuple[int, str]]:
    rows = sql.fetch(_FAILURES, {"windows": list(window_ids), "tenants": list(tenants)})
    return {(row.window_id, row.tenant_id): (row.id, row.reason) for row in reversed(rows)}


def _places(window: OpenWindow, tenants: Sequence[int]) -> list[tuple[int, int]]:
    return [(window.id or 0, one) for one in tenants[:NAMED]]


def _behind(windows: Sequence[OpenWindow], root: OpenWindow, tenants: Sequence[int]) -> int:
    """Return how many tenants have runs that wait for a root; of very many, judged by the first of them."""
    looked_at = tenants[:COUNTED]
    waiting = sum(bool(count_behind(windows, one, root.schedule)) for one in looked_at)
    return round(waiting * len(tenants) / len(looked_at))


def waits(windows: Sequence[OpenWindow], tenant: int) -> Iterator[tuple[OpenWindow, OpenWindow | None]]:
    """Yield a tenant's blocked windows, each with the first unfinished one before it that is not blocked itself.

    Args:
        windows: in due order.
        tenant: its id.
    """
    mine = [window for window in windows if window.stops(tenant)]
    causes = [window for window in mine if tenant not in window.blocked]
    for window in mine:
        if tenant in window.blocked:
            yield window, next((one for one in causes if _holds(one, window)), causes[0] if causes else None)


def _holds(root: OpenWindow, window: OpenWindow) -> bool:
    if root is window:
        return True
    comes_before = root.due_at <= window.due_at
    own = root.schedule == window.schedule or (root.books and window.books)
    return (own and comes_before) or (root.schedule in window.after and root.business_date == window.business_date)


def how(window: OpenWindow, tenant: int, now: datetime) -> str:
    """Return how a tenant's unfinished run of a window stands, in one word."""
    problem = next((str(problem) for problem, tenants in problems_of(window, now) if tenant in tenants), "")
    if problem:
        return problem
    if tenant in window.running:
        return "running"
    if tenant in window.resting:
        return "waiting to be tried again"
    return next((share.state for share in window.unstarted if tenant in share.tenants), "waiting")
