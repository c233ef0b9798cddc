"""Who works which case: by skill and capacity, evenly, and the same whatever order the rows come in."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Somebody who may be given cases.

    Args:
        agent_id: decides between two of the same load: the lower one.
        skills: what they can do.
        capacity: so many cases at most.
    """

    agent_id: int
    skills: frozenset[str]
    capacity: int

    def can(self, skill: str) -> bool:
        """Return whether they can work a queue of that skill; blank is everybody's."""
        return not skill or skill in self.skills


@dataclass(frozen=True, kw_only=True)
class Open:
    """A case to be worked.

    Args:
        case_id: the case.
        rank: the lowest is served first; unique.
        skill: what it takes.
        agent_id: who works it, or None.
    """

    case_id: int
    rank: tuple[int, int, int]
    skill: str
    agent_id: int | None


def distribute(cases: Iterable[Open], workers: Sequence[Worker]) -> dict[int, int | None]:
    """Return who works each case that changes hands, by the case's id; None where nobody has room for it.

    A case stays with whoever works it as long as they can, also beyond their capacity. Each other one goes to the
    least loaded who can and has room: so of agents that begin alike, none gets two more than another.

    Args:
        cases: all open cases.
        workers: those who work now.
    """
    known = {worker.agent_id: worker for worker in workers}
    ordered = sorted(cases, key=lambda case: case.rank)
    loads = Counter(case.agent_id for case in ordered if _stays(case, known))
    changed = dict[int, int | None]()
    for case in ordered:
        if _stays(case, known):
            continue
        agent_id = _least_loaded(case.skill, workers, loads)
        if agent_id is not None:
            loads[agent_id] += 1
        if agent_id != case.agent_id:
            changed[case.case_id] = agent_id
    return changed


def _stays(case: Open, known: Mapping[int, Worker]) -> bool:
    worker = None if case.agent_id is None else known.get(case.agent_id)
    return worker is not None and worker.can(case.skill)


def _least_loaded(skill: str, workers: Sequence[Worker], loads: Counter[int | None]) -> int | None:
    able = [worker.agent_id for worker in workers if worker.can(skill) and loads[worker.agent_id] < worker.capacity]
    return min(able, key=lambda agent_id: (loads[agent_id], agent_id), default=None)
