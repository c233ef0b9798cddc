"""Cases get the agents who work them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from casework.distribution import Open, Worker, distribute
from casework.models import Agent, Case, CaseEvent
from casework.services.opening import OPEN_THEN
from delinquency.services.nights import of

# Locked, so that what people do with a case comes before or after all of this. A campaign's cases do not count: whether
# the night has looked for them before it comes here is not settled, and who gets the others must not depend on it.
_OPEN = f"""
    SELECT subject.id, subject.priority, subject.loan_id, queue.skill, subject.assignee_id, {of("subject.loan_id")}
    FROM casework_case subject JOIN casework_queue queue ON queue.id = subject.queue_id
    WHERE {OPEN_THEN.format(case="subject")} AND subject.kind <> '{Case.Kind.PRE_DELINQUENCY}'
    ORDER BY subject.id FOR NO KEY UPDATE OF subject"""

_ASSIGN = f"""
    WITH changed AS (
        UPDATE casework_case subject SET assignee_id = change.agent_id
        FROM unnest(%(cases)s::bigint[], %(agents)s::bigint[]) AS change (case_id, agent_id)
        WHERE subject.id = change.case_id RETURNING subject.id, subject.queue_id, subject.assignee_id
    )
    INSERT INTO casework_caseevent (case_id, kind, at, by, note, queue_id, agent_id, due_at)
    SELECT id, CASE WHEN assignee_id IS NULL THEN '{CaseEvent.Kind.UNASSIGNED}' ELSE '{CaseEvent.Kind.ASSIGNED}' END,
           %(at)s, '', '', queue_id, assignee_id, %(due_at)s
    FROM changed ORDER BY id"""


def assign_cases(share: Mapping[str, Any], *, at: datetime) -> tuple[int, int]:
    """Give the cases of the night's loans to agents; return how many were given, and how many wait for somebody.

    Args:
        share: the parameters of the night's loans (`delinquency.services.nights.Share`).
        at: when they get them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {**share, "at": at})
        rows = cursor.fetchall()
    workers = _workers()
    active = {worker.agent_id for worker in workers}
    # The cases of other loans keep their agents busy, and that is all.
    cases = [
        Open(case_id=case_id, rank=(priority, loan_id, case_id), skill=skill if is_ours else "", agent_id=agent_id)
        for case_id, priority, loan_id, skill, agent_id, is_ours in rows
        if is_ours or agent_id in active
    ]
    ours = [case_id for case_id, *_rest, is_ours in rows if is_ours]
    changed = distribute(cases, workers)
    with connection.cursor() as cursor:
        parameters = {"cases": list(changed), "agents": list(changed.values()), "at": at, "due_at": share["due_at"]}
        cursor.execute(_ASSIGN, parameters)
    agents = {case.case_id: case.agent_id for case in cases} | changed
    return sum(agent is not None for agent in changed.values()), sum(agents[case_id] is None for case_id in ours)


def _workers() -> list[Worker]:
    active = Agent.objects.filter(is_active=True).order_by("pk")
    return [Worker(agent_id=a.pk, skills=frozenset(a.skills), capacity=a.capacity) for a in active]
