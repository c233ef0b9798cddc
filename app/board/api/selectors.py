"""The lists of the API: each page is one statement by keyset."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet

from board.access import Principal
from board.models import Audit
from board.selectors.actions import audits
from schedules.models import QuarantinedItem, Run, Window
from tenants.models import Tenant

#: Ids of the only tenants somebody sees; None where it is all of them.
Scope = Sequence[int] | None


def tenants(scope: Scope, *, after: str = "", count: int) -> list[Tenant]:
    """Return tenants by schema name, from behind one on."""
    rows = Tenant.objects.filter(_within(scope, "id"), schema_name__gt=after)
    return list(rows.order_by("schema_name")[:count])


def windows(*, schedule: str, before: tuple[datetime, int] | None = None, count: int) -> list[Window]:
    """Return a schedule's windows, the newest first, from before one on."""
    rows = Window.objects.filter(schedule=schedule)
    if before:
        due_at, window_id = before
        # The first condition says nothing new, but an index can begin there.
        rows = rows.filter(Q(due_at__lt=due_at) | Q(due_at=due_at, id__lt=window_id), due_at__lte=due_at)
    return list(rows.order_by("-due_at", "-id")[:count])


def runs_of_window(
    window_id: int, scope: Scope, *, state: str | None, after: tuple[int, str] | None = None, count: int
) -> list[Run]:
    """Return a window's runs by tenant and item, children behind their parent, from behind one on."""
    rows = _runs(scope).filter(window=window_id)
    if state:
        rows = rows.filter(state=state)
    if after:
        tenant_id, item = after
        rows = rows.filter(Q(tenant__gt=tenant_id) | Q(tenant=tenant_id, item__gt=item), tenant__gte=tenant_id)
    return list(rows.order_by("tenant_id", "item")[:count])


def runs_of_tenant(
    tenant: Tenant, business_date: date, *, after: tuple[int, str] | None = None, count: int
) -> list[Run]:
    """Return a tenant's runs of one business date by window and item, from behind one on."""
    rows = _runs(None).filter(tenant=tenant, window__business_date=business_date)
    if after:
        window_id, item = after
        rows = rows.filter(Q(window__gt=window_id) | Q(window=window_id, item__gt=item))
    return list(rows.order_by("window_id", "item")[:count])


def run(run_id: int, scope: Scope) -> Run | None:
    """Return one run, if its tenant is seen."""
    return _runs(scope).filter(pk=run_id).first()


def quarantined(found: Run, *, after: int = 0, count: int) -> list[QuarantinedItem]:
    """Return what a run left out, from behind one item on."""
    return list(QuarantinedItem.objects.filter(run=found, id__gt=after).order_by("id")[:count])


def _runs(scope: Scope) -> QuerySet[Run]:
    return Run.objects.filter(_within(scope)).select_related("window", "tenant").defer("traceback")


def _within(scope: Scope, field: str = "tenant") -> Q:
    return Q() if scope is None else Q(**{f"{field}__in": scope})


def audit(principal: Principal, *, before: int | None = None, count: int) -> list[Audit]:
    """Return what was asked for as somebody may read it, the newest first, from before one row on."""
    rows = audits(principal)
    return list((rows.filter(pk__lt=before) if before else rows)[:count])
