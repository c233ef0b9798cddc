"""Children: a run that splits into items, and is called again to join when they are done."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from common import clock
from schedules import sql
from schedules.claims import Claim, must_touch

_INSERT = """
INSERT INTO public.schedules_run (window_id, tenant_id, item, task, args, kwargs, state, rank)
SELECT %(window_id)s, %(tenant_id)s, child.item, %(task)s, child.args, child.kwargs, 'waiting', child.rank
FROM unnest(%(items)s::text[], %(args)s::jsonb[], %(kwargs)s::jsonb[]) WITH ORDINALITY
     AS child (item, args, kwargs, rank)
ON CONFLICT (window_id, tenant_id, item) DO NOTHING"""

_WAIT_FOR_THEM = """
UPDATE public.schedules_run
SET state = 'waiting', token = NULL, published_at = NULL, fanned_out_at = %(now)s
WHERE id = %(run_id)s AND token = %(token)s"""


def fan_out(held: Claim, *, task: str, children: Sequence[tuple[str, Sequence[Any], Mapping[str, Any]]]) -> None:
    """Insert the children's rows and set their parent waiting for them, in the parent's transaction.

    Args:
        held: the parent's claim.
        task: the children's task name.
        children: (item, args, kwargs) of each, in order.

    Raises:
        LeaseLostError: the parent's row is no longer this attempt's.
    """
    sql.execute(
        _INSERT,
        {
            "window_id": held.window_id,
            "tenant_id": held.tenant_id,
            "task": task,
            "items": [item for item, _, _ in children],
            "args": [Jsonb(list(args)) for _, args, _ in children],
            "kwargs": [Jsonb(dict(kwargs)) for _, _, kwargs in children],
        },
    )
    params = {"run_id": held.run_id, "token": held.token, "now": clock.now()}
    must_touch(sql.execute(_WAIT_FOR_THEM, params), held)


def joined(parent: Claim) -> dict[str, int]:
    """Return how many children of a parent `succeeded` and how many were `skipped`."""
    rows = sql.fetch(
        """SELECT count(*) FILTER (WHERE state = 'succeeded') AS succeeded,
                  count(*) FILTER (WHERE state = 'skipped') AS skipped
           FROM public.schedules_run
           WHERE window_id = %(window_id)s AND tenant_id = %(tenant_id)s AND item <> ''""",
        {"window_id": parent.window_id, "tenant_id": parent.tenant_id},
    )
    counts: dict[str, int] = rows[0]._asdict()
    return counts
