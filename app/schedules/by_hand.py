"""Guards for a books task called without the ledger: it must not overtake the night or come before its day."""

from datetime import date

from common import clock
from schedules import sql
from schedules.exceptions import LineNotFinishedError, OperationRefusedError
from schedules.opening import missing
from tenants.models import Tenant

# So many are named in a refusal.
NAMED = 3

_IN_THE_WAY = f"""
SELECT w.schedule, w.due_at, r.state
FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
WHERE r.tenant_id = %(tenant_id)s AND w.books
  AND (r.state = 'running' OR (r.state IN ('waiting', 'ready', 'failed') AND w.business_date <= %(business_date)s))
  AND NOT (r.state = 'failed' AND w.origin = 'ad_hoc')
ORDER BY w.due_at, w.id LIMIT {NAMED}"""


def refuse_overtaking(*, tenant_id: int, business_date: date) -> None:
    """Refuse a books body by hand that would run before its time or beside the night.

    The caller holds the tenant's books lock.

    Raises:
        OperationRefusedError: the business date is in the future.
        LineNotFinishedError: a books run is running, or earlier ones are unfinished or not even opened; the message
            names them.
    """
    if business_date > clock.today():
        raise OperationRefusedError(f"{business_date} is in the future; the books are not kept in advance.")
    first = [*_unfinished(tenant_id, business_date), *_unopened(tenant_id, business_date)][:NAMED]
    if first:
        raise LineNotFinishedError(
            f"Unfinished books runs come first: {', '.join(first)}. Let them finish, `rerun` or `skip` them; "
            "`catch_up` opens what is missing."
        )


def _unfinished(tenant_id: int, business_date: date) -> list[str]:
    rows = sql.fetch(_IN_THE_WAY, {"tenant_id": tenant_id, "business_date": business_date})
    return [f"{row.schedule} of {row.due_at:%F} ({row.state})" for row in rows]


def _unopened(tenant_id: int, business_date: date) -> list[str]:
    """Name what the catalog expects of this tenant and the ledger lacks, because no beat has been there."""
    enabled_at = Tenant.objects.values_list("enabled_at", flat=True).get(pk=tenant_id)
    return [
        f"{one.schedule.name} of {one.due_at:%F} (not opened)"
        for one in missing()
        if one.schedule.books and not one.skipped and enabled_at.date() < one.due_at.date() <= business_date
    ]
