"""Guards for a books task called without the ledger: it must not overtake the night or come before its day."""

from datetime import date

from common import clock
from schedules import sql
from schedules.exceptions import LineNotFinishedError, OperationRefusedError

_IN_THE_WAY = """
SELECT w.schedule, w.due_at, r.state
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
WHERE r.tenant_id = %(tenant_id)s AND w.books
  AND (r.state = 'running' OR (r.state IN ('waiting', 'ready', 'failed') AND w.business_date <= %(business_date)s))
  AND NOT (r.state = 'failed' AND w.origin = 'ad_hoc')
ORDER BY w.due_at LIMIT 3"""


def refuse_overtaking(*, tenant_id: int, business_date: date) -> None:
    """Refuse a books body by hand that would run before its time or beside the night.

    The caller holds the tenant's books lock.

    Raises:
        OperationRefusedError: the business date is in the future.
        LineNotFinishedError: a books run is running, or earlier ones are unfinished; the message names them.
    """
    if business_date > clock.today():
        raise OperationRefusedError(f"{business_date} is in the future; the books are not kept in advance.")
    rows = sql.fetch(_IN_THE_WAY, {"tenant_id": tenant_id, "business_date": business_date})
    if rows:
        named = ", ".join(f"{row.schedule} of {row.due_at:%F} ({row.state})" for row in rows)
        raise LineNotFinishedError(
            f"Unfinished books runs come first: {named}. Let them finish, `rerun` or `skip` them."
        )
