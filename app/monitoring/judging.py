"""The judgements: what is late, missed, overdue or failed as of now, from the facts of a scan that may be older.

So a deadline that passes between two scans, or while the database is away, is seen by the next scrape. A run that
waits on its line is blocked and no problem: its root is, and says how many wait behind it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby, islice

from monitoring import blocking
from monitoring.facts import Facts, OpenWindow, union
from schedules.catalog import Catalog, Criticality

#: A partition: every tenant that takes part in a window stands in one of these.
STATES = (
    "waiting",
    "blocked",
    "ready",
    "late",
    "missed",
    "running",
    "overdue",
    "succeeded",
    "failed",
    "skipped",
)


class Problem(StrEnum):
    """What a person is told of; the first of these where a tenant has several in one window."""

    FAILED = "failed"
    OVERDUE = "overdue"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class ScheduleJudgement:
    """How one schedule stands.

    Args:
        name: the schedule.
        states: tenants by state of its newest due window.
        problems: tenants by problem, over all its windows.
        oldest_s: seconds since the oldest run with a problem was due; 0 when there is none.
        unopened: occurrences that are due and not in the ledger.
        quarantined: items that the newest window's runs left out.
    """

    name: str
    states: Mapping[str, int]
    problems: Mapping[Problem, int]
    oldest_s: float
    unopened: int
    quarantined: int


@dataclass(frozen=True, kw_only=True)
class TenantProblem:
    """One tenant's problem with one schedule: its oldest.

    Args:
        tenant: its id.
        window: the oldest window with a problem.
        problem: which.
        late_s: seconds since that window was due.
    """

    tenant: int
    window: OpenWindow
    problem: Problem
    late_s: float


def problems_of(window: OpenWindow, now: datetime) -> Iterator[tuple[Problem, AbstractSet[int]]]:
    """Yield the tenants with a problem in a window, by problem, the first to be told first."""
    yield Problem.FAILED, union(window.failed, window.failed_items)
    if now >= window.deadline_at:
        yield Problem.OVERDUE, union(window.running, window.resting)
        yield Problem.MISSED, union(*(share.tenants for share in window.unstarted))


def states_of(window: OpenWindow, now: datetime) -> Counter[str]:
    """Count a window's unfinished tenants by state."""
    is_past = now >= window.deadline_at
    counted = Counter(blocked=len(window.blocked), failed=len(window.failed))
    counted["overdue" if is_past else "running"] += len(window.running)
    counted["overdue" if is_past else "waiting"] += len(window.resting)
    for share in window.unstarted:
        state = "missed" if is_past else "late" if now >= share.late_from else share.state
        counted[state] += len(share.tenants)
    return counted


class Judgement:
    """The night as of now.

    Args:
        facts: the newest good scan.
        catalog: the schedules that are told of whatever they do; others only while they have a problem.
        now: business time.
    """

    def __init__(self, facts: Facts, catalog: Catalog, now: datetime) -> None:
        self._facts, self._catalog, self.now = facts, catalog, now
        by_schedule = sorted(facts.windows, key=lambda window: window.schedule)
        self._windows = {name: list(some) for name, some in groupby(by_schedule, key=lambda one: one.schedule)}
        self._tenants = {name: self._problem_tenants(name) for name in self._windows}
        self._any = {name: union(*found.values()) for name, found in self._tenants.items()}

    def _problem_tenants(self, schedule: str) -> dict[Problem, AbstractSet[int]]:
        """Return the tenants with a problem in any window of a schedule, by problem."""
        found: dict[Problem, list[AbstractSet[int]]] = {problem: [] for problem in Problem}
        for window in self._windows[schedule]:
            for problem, tenants in problems_of(window, self.now):
                found[problem].append(tenants)
        return {problem: union(*some) for problem, some in found.items()}

    def schedules(self) -> list[ScheduleJudgement]:
        """Return how every schedule stands: the catalog's, and any other that has a problem."""
        names = [schedule.name for schedule in self._catalog]
        others = [name for name, found in self._any.items() if found and name not in self._catalog]
        return [self._schedule(name) for name in [*names, *others]]

    def _schedule(self, name: str) -> ScheduleJudgement:
        finished = self._facts.finished.get(name)
        windows = self._windows.get(name, [])
        problems = self._tenants.get(name, {})
        return ScheduleJudgement(
            name=name,
            states=self._states(name),
            problems={problem: len(problems.get(problem, ())) for problem in Problem},
            oldest_s=max((self._late_s(window) for window in windows if self._has_problem(window)), default=0.0),
            unopened=sum(window.id is None for window in windows),
            quarantined=finished.quarantined if finished else 0,
        )

    def _states(self, name: str) -> Counter[str]:
        """Count the tenants by state of a schedule's newest due window, whether or not it is in the ledger."""
        finished = self._facts.finished.get(name)
        unopened = [window for window in self._windows.get(name, []) if window.id is None]
        if unopened and (finished is None or unopened[-1].due_at > finished.due_at):
            return states_of(unopened[-1], self.now)
        if finished is None:
            return Counter()
        ended = Counter(succeeded=finished.succeeded, skipped=finished.skipped)
        newest = (window for window in self._windows.get(name, []) if window.id == finished.id)
        return sum((states_of(window, self.now) for window in newest), ended)

    def _has_problem(self, window: OpenWindow) -> bool:
        return any(tenants for _, tenants in problems_of(window, self.now))

    def _late_s(self, window: OpenWindow) -> float:
        return (self.now - window.due_at).total_seconds()

    def tenants(self) -> Counter[int]:
        """Count the schedules with a problem of every active tenant, by id; zeros included."""
        counted = Counter(dict.fromkeys(self._facts.tenants, 0))
        for found in self._any.values():
            counted.update(found)
        return counted

    def told(self, most: int) -> list[TenantProblem]:
        """Return the problems by tenant and schedule that are told, what pages first, then the oldest.

        Args:
            most: how many at most.
        """
        return list(islice(self._problems(), most))

    def untold(self, most: int) -> int:
        """Return how many more there are than `told` tells."""
        return max(0, sum(map(len, self._any.values())) - most)

    def _problems(self) -> Iterator[TenantProblem]:
        seen: dict[str, set[int]] = {name: set() for name in self._windows}
        for window in self._loudest_first():
            for problem, tenants in problems_of(window, self.now):
                for tenant in sorted(tenants - seen[window.schedule]):
                    yield TenantProblem(tenant=tenant, window=window, problem=problem, late_s=self._late_s(window))
                seen[window.schedule].update(tenants)

    def _loudest_first(self) -> list[OpenWindow]:
        return sorted(
            self._facts.windows, key=lambda one: (self.criticality(one.schedule) != Criticality.PAGE, one.due_at)
        )

    def criticality(self, schedule: str) -> Criticality:
        """Return how loudly a schedule's problems are told; those outside the catalog never wake anybody."""
        known = self._catalog.get(schedule)
        return known.criticality if known else Criticality.TICKET

    def behind(self, told: Iterable[TenantProblem]) -> list[int]:
        """Return how many runs of its tenant wait behind each of some problems."""
        mine: dict[int, Sequence[OpenWindow]] = {}
        return [self._behind(one, mine) for one in told]

    def _behind(self, one: TenantProblem, mine: dict[int, Sequence[OpenWindow]]) -> int:
        if one.tenant not in mine:
            mine[one.tenant] = [window for window in self._facts.windows if window.stops(one.tenant)]
        return blocking.count_behind(mine[one.tenant], one.tenant, one.window.schedule)
