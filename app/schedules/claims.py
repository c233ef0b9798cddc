"""One run's way through a worker: claim, lock, finish, or give back; every step is decided by the row.

A claim is one conditional UPDATE that stores a random token. The body then runs in one transaction that holds the
row `FOR UPDATE`: that open transaction is the lease, so a dead worker's run is simply a row nobody holds. Every
later write names the token, and an attempt that lost its row can write nothing.
"""

import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from psycopg.types.json import Jsonb

from common import clock
from schedules import line, signals, sql
from schedules.exceptions import LeaseLostError, LineNotFinishedError, UnknownRunError
from tenants.locks import BODY


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A run this process holds, with what its body may know of it."""

    run_id: int
    token: UUID
    tenant_id: int
    schema_name: str
    window_id: int
    schedule: str
    due_at: datetime
    business_date: date
    books: bool
    item: str
    is_join: bool
    is_rerun: bool
    #: Seconds from when it should have started; None unless this is the first start of a window opened in time.
    delay_s: float | None
    #: `time.monotonic()` of the claim.
    claimed: float = field(default_factory=time.monotonic)


# The claim alone may commit asynchronously: if Postgres forgets it, the run is simply claimed again, and the random
# token keeps the forgotten attempt from writing (an attempt number did not: two workers held attempt 1).
_CLAIM = f"""
UPDATE public.schedules_run r
SET state = 'running', token = %(token)s, attempt = r.attempt + 1, claimed_at = clock_timestamp(),
    started_at = coalesce(r.started_at, %(now)s), published_at = NULL, reason = ''
FROM public.schedules_window w, public.tenants_tenant t,
     (SELECT set_config('synchronous_commit', 'off', true)) AS asynchronous
WHERE r.id = %(run_id)s AND r.state IN ('waiting', 'ready')
  AND w.id = r.window_id AND coalesce(nullif(r.task, ''), w.task) = %(task)s
  AND t.id = r.tenant_id AND t.schema_name = %(schema_name)s AND t.status = 'active'
  AND NOT {line.RESTING} AND NOT {line.BLOCKED}
RETURNING r.tenant_id, r.window_id, w.schedule, w.due_at, w.business_date, w.books, r.item,
          r.fanned_out_at IS NOT NULL AS is_join, r.counts IS NOT NULL AS is_rerun,
          CASE WHEN r.attempt = 1 AND r.item = '' AND w.origin = 'scheduled'
               THEN extract(epoch FROM r.started_at - coalesce(r.starts_at, w.due_at))::float8 END AS delay_s"""

_WHY_NOT = """
SELECT r.state, t.status
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
JOIN public.tenants_tenant t ON t.id = r.tenant_id
WHERE r.id = %(run_id)s AND t.schema_name = %(schema_name)s AND coalesce(nullif(r.task, ''), w.task) = %(task)s"""


def claim(*, run_id: int, schema_name: str, task: str) -> Claim | None:
    """Claim a run for this process.

    Args:
        run_id: the run a message woke us for.
        schema_name: the tenant the message names.
        task: the task the message names.

    Returns:
        The claim, or None when there is nothing to do here: the run is done, taken, or must wait (then its row says
        so and the ledger publishes it again), or its tenant no longer takes part (then it is skipped).

    Raises:
        UnknownRunError: the message names no such run of this tenant and task.
    """
    token = uuid4()
    params = {"run_id": run_id, "schema_name": schema_name, "task": task, "token": token, "now": clock.now()}
    rows = sql.fetch(_CLAIM, params)
    if rows:
        return Claim(run_id=run_id, token=token, schema_name=schema_name, **rows[0]._asdict())
    _settle_unclaimed(params)
    return None


def _settle_unclaimed(params: Mapping[str, Any]) -> None:
    rows = sql.fetch(_WHY_NOT, params)
    if not rows:
        raise UnknownRunError(params["run_id"], params["schema_name"], params["task"])
    if rows[0].state not in {"waiting", "ready"}:
        return
    if rows[0].status == "active":
        _set_waiting(params)
    else:
        _skip_unclaimed({**params, "reason": f"tenant {rows[0].status}"})


def _set_waiting(params: Mapping[str, Any]) -> None:
    sql.execute(
        """UPDATE public.schedules_run SET state = 'waiting', published_at = NULL
           WHERE id = %(run_id)s AND state IN ('waiting', 'ready')""",
        params,
    )


def _skip_unclaimed(params: Mapping[str, Any]) -> None:
    sql.execute(
        """UPDATE public.schedules_run SET state = 'skipped', reason = %(reason)s, finished_at = %(now)s
           WHERE id = %(run_id)s AND state IN ('waiting', 'ready')""",
        params,
    )


# One snapshot for the lock and the line: it was taken after the claim's commit, and whoever asks for earlier work after
# that finds this run running and is refused (`services.backfill`), or came before the commit and is seen here.
_HOLD = f"""
SELECT r.item = '' AND {line.UNFINISHED} AS blocked, {BODY} AS body
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
JOIN public.tenants_tenant t ON t.id = r.tenant_id
WHERE r.id = %(run_id)s AND r.token = %(token)s AND r.state = 'running' FOR UPDATE OF r"""


def hold(held: Claim) -> None:
    """Lock the run's row and its tenant for the body's transaction, which must be open: it is the lease from then on.

    Raises:
        LeaseLostError: another process took the run over since the claim.
        LineNotFinishedError: earlier work was asked for since.
    """
    rows = sql.fetch(_HOLD, {"run_id": held.run_id, "token": held.token})
    if not rows:
        raise LeaseLostError(held.run_id)
    if rows[0].blocked:
        raise LineNotFinishedError(f"Earlier work of {held.schema_name} was asked for after this run's claim.")


_SUCCEED = """
UPDATE public.schedules_run
SET state = 'succeeded', token = NULL, finished_at = %(now)s, counts = %(counts)s, exceptions = %(exceptions)s,
    reason = '', traceback = '', not_before = NULL
WHERE id = %(run_id)s AND token = %(token)s
RETURNING EXISTS (SELECT FROM public.schedules_run o
                  WHERE o.tenant_id = %(tenant_id)s AND o.state = 'waiting') AS holds_up"""


def succeed(held: Claim, *, counts: Mapping[str, int], quarantined: Sequence[tuple[str, str, str]]) -> bool:
    """Mark the run succeeded, in the body's transaction.

    Args:
        held: the claim.
        counts: what the body counted.
        quarantined: (model label, key, reason) of every item left out.

    Returns:
        Whether other runs of the tenant wait, so that it is worth looking which of them this one held up.

    Raises:
        LeaseLostError: the row is no longer this attempt's.
    """
    _record_quarantine(held, quarantined)
    params = {
        "run_id": held.run_id,
        "tenant_id": held.tenant_id,
        "token": held.token,
        "now": clock.now(),
        "counts": Jsonb(dict(counts)),
        "exceptions": len(quarantined),
    }
    marked = sql.fetch(_SUCCEED, params)
    must_touch(len(marked), held)
    transaction.on_commit(partial(_tell, held, "succeeded"))
    return bool(marked[0].holds_up)


def renew(held: Claim) -> None:
    """Say that a chunk is done and the run goes on: until the next one holds the row, its claim is young again.

    Raises:
        LeaseLostError: the row is no longer this attempt's.
    """
    renewed = sql.execute(
        """UPDATE public.schedules_run SET claimed_at = clock_timestamp()
           WHERE id = %(run_id)s AND token = %(token)s""",
        {"run_id": held.run_id, "token": held.token},
    )
    must_touch(renewed, held)


def must_touch(rows: int, held: Claim) -> None:
    """Refuse to go on unless a statement naming the claim's token found its row."""
    if rows != 1:
        raise LeaseLostError(held.run_id)


def _record_quarantine(held: Claim, quarantined: Sequence[tuple[str, str, str]]) -> None:
    """Write the items this run left out, and close those an earlier attempt of it left out and this one did."""
    if held.is_rerun:
        sql.execute(
            """UPDATE public.schedules_quarantineditem SET resolved_at = %(now)s
               WHERE run_id = %(run_id)s AND resolved_at IS NULL""",
            {"run_id": held.run_id, "now": clock.now()},
        )
    if not quarantined:
        return
    models, keys, reasons = zip(*quarantined, strict=True)
    sql.execute(
        """INSERT INTO public.schedules_quarantineditem (run_id, model, key, reason, quarantined_at)
           SELECT %(run_id)s, item.* , %(now)s
           FROM unnest(%(models)s::text[], %(keys)s::text[], %(reasons)s::text[]) AS item
           ON CONFLICT (run_id, model, key) DO UPDATE SET reason = excluded.reason, resolved_at = NULL""",
        {
            "run_id": held.run_id,
            "models": list(models),
            "keys": list(keys),
            "reasons": list(reasons),
            "now": clock.now(),
        },
    )


def quarantined_keys(held: Claim) -> list[str]:
    """Return the keys of the items a re-run of a succeeded run must do, sorted."""
    rows = sql.fetch(
        """SELECT key FROM public.schedules_quarantineditem
           WHERE run_id = %(run_id)s AND resolved_at IS NULL ORDER BY key""",
        {"run_id": held.run_id},
    )
    return [row.key for row in rows]


# The first `len(delays)` failures rest for the delay of their number; the next one is final.
_FAIL = """
UPDATE public.schedules_run SET
    state = CASE WHEN failures < cardinality(%(delays)s::float[]) THEN 'waiting' ELSE 'failed' END,
    not_before = clock_timestamp() + (%(delays)s::float[])[failures + 1] * interval '1 second',
    finished_at = CASE WHEN failures < cardinality(%(delays)s::float[]) THEN finished_at ELSE %(now)s END,
    failures = failures + 1, token = NULL, published_at = NULL, reason = %(reason)s, traceback = %(trace)s
WHERE id = %(run_id)s AND token = %(token)s"""


def fail(held: Claim, error: BaseException) -> None:
    """Count an exception of the body: the run rests and is tried again, or has failed."""
    sql.execute(
        _FAIL,
        {
            "run_id": held.run_id,
            "token": held.token,
            "delays": list(settings.MATINS_RETRY_DELAYS_S),
            "now": clock.now(),
            "reason": f"{type(error).__name__}: {error}"[:2000],
            "trace": "".join(traceback.format_exception(error))[-20_000:],
        },
    )
    _tell(held, "failed")


def give_back(held: Claim, reason: str, *, rest_s: float = 0.0) -> None:
    """Return the run uncounted: this process could not finish it through no fault of the body.

    Args:
        held: the claim.
        reason: why; shown while the run waits.
        rest_s: seconds before it may be claimed again.
    """
    sql.execute(
        """UPDATE public.schedules_run
           SET state = 'waiting', token = NULL, published_at = NULL, reason = %(reason)s,
               not_before = clock_timestamp() + %(rest_s)s * interval '1 second'
           WHERE id = %(run_id)s AND token = %(token)s""",
        {"run_id": held.run_id, "token": held.token, "reason": reason[:2000], "rest_s": rest_s},
    )
    _tell(held, "given_back")


def _tell(held: Claim, outcome: str) -> None:
    signals.run_ended.send_robust(sender=Claim, held=held, outcome=outcome)


def skip(held: Claim, reason: str) -> None:
    """End the run as skipped: its tenant left between claim and body."""
    sql.execute(
        """UPDATE public.schedules_run SET state = 'skipped', token = NULL, reason = %(reason)s, finished_at = %(now)s
           WHERE id = %(run_id)s AND token = %(token)s""",
        {"run_id": held.run_id, "token": held.token, "reason": reason, "now": clock.now()},
    )
