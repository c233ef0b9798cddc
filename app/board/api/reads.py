"""The reads of the API: what the board's pages show, for the tenants that the token sees."""

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Path, Query, Router

from board import access
from board.access import Permission, Principal
from board.api import pagination, selectors, shapes
from board.api.pagination import Cursor, Limit
from board.api.problems import Problem
from board.api.shapes import BusinessDate, Number, ScheduleName, SchemaName
from board.selectors import night as nights
from board.selectors import shares
from board.selectors import tenant as tenant_pages
from schedules import services
from schedules.catalog import Schedule
from schedules.models import Run, Window
from schedules.registry import catalog

router = Router(tags=["reads"])
PROBLEMS = frozenset({400, 401, 403, 404, 422, 429})

Schema = Annotated[SchemaName, Path()]
Night = Annotated[BusinessDate, Path()]
Name = Annotated[ScheduleName, Path()]


@router.get("/nights/{business_date}", response={200: shapes.Night, PROBLEMS: Problem}, operation_id="night")
def night(request: HttpRequest, business_date: Night) -> Any:
    """Return one night: what is wrong first, then its windows in due order, those nobody opened included."""
    found = nights.night(_viewer(request), business_date)
    return {
        "business_date": found.date,
        "at": found.at,
        "is_calm": found.is_calm,
        "roots": found.roots,
        "windows": [share for row in found.rows for share in row.shares],
        "due_later": [row.schedule for row in found.rows if not row.shares],
        "progress": found.progress,
    }


@router.get("/schedules", response={200: shapes.Schedules, PROBLEMS: Problem}, operation_id="schedules")
def schedules(request: HttpRequest) -> Any:
    """Return every schedule of the catalog."""
    _viewer(request)
    return {"items": [_schedule(one) for one in catalog()]}


@router.get("/schedules/{name}", response={200: shapes.Schedule, PROBLEMS: Problem}, operation_id="schedule")
def schedule(request: HttpRequest, name: Name) -> Any:
    """Return one schedule: its definition, what it waits for and what waits for it."""
    _viewer(request)
    return _schedule(services.find_schedule(name))


@router.get("/schedules/{name}/windows", response={200: shapes.Windows, PROBLEMS: Problem}, operation_id="windows")
def windows(request: HttpRequest, name: Name, cursor: Cursor = "", limit: Limit = 35) -> Any:
    """Return a schedule's windows, the newest first."""
    principal = _viewer(request)
    before = pagination.read(cursor, datetime.fromisoformat, int)
    rows = selectors.windows(schedule=name, before=before, count=limit + 1)
    page = pagination.page(rows, limit, lambda one: (one.due_at.isoformat(), one.pk))
    return {**page, "items": shares.shares(principal, page["items"], shares.seen(principal))}


@router.get("/windows/{number}", response={200: shapes.Window, PROBLEMS: Problem}, operation_id="window")
def window(request: HttpRequest, number: Number) -> Any:
    """Return one window: how its runs stand, as they go on."""
    principal = _viewer(request)
    return shares.shares(principal, [_window(number)], shares.seen(principal))[0]


@router.get("/windows/{number}/runs", response={200: shapes.Runs, PROBLEMS: Problem}, operation_id="window_runs")
def window_runs(
    request: HttpRequest,
    number: Number,
    state: Annotated[Run.State | None, Query(None, description="Only runs in this state.")] = None,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Any:
    """Return a window's runs by tenant and item."""
    principal = _viewer(request)
    after = pagination.read(cursor, int, str)
    found = _window(number)
    rows = selectors.runs_of_window(found.pk, principal.ids, state=state, after=after, count=limit + 1)
    return pagination.page(rows, limit, lambda one: (one.tenant_id, one.item))


@router.get("/tenants", response={200: shapes.Tenants, PROBLEMS: Problem}, operation_id="tenants")
def tenants(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> Any:
    """Return the tenants that the token sees, by schema name."""
    principal = _viewer(request)
    (after,) = pagination.read(cursor, str) or [""]
    rows = selectors.tenants(principal.ids, after=after, count=limit + 1)
    return pagination.page(rows, limit, lambda one: (one.schema_name,))


@router.get("/tenants/{schema_name}", response={200: shapes.TenantLine, PROBLEMS: Problem}, operation_id="tenant")
def tenant(request: HttpRequest, schema_name: Schema) -> Any:
    """Return one tenant: how fresh its books are, and what its line waits for."""
    found = access.tenant_for(_viewer(request), schema_name)
    seen = tenant_pages.tenant(found)
    line = {"fresh": seen.fresh, "waits": seen.waits}
    return {**{name: getattr(found, name) for name in shapes.Tenant.model_fields}, **line}


@router.get(
    "/tenants/{schema_name}/nights/{business_date}/runs",
    response={200: shapes.Runs, PROBLEMS: Problem},
    operation_id="tenant_runs",
)
def tenant_runs(
    request: HttpRequest,
    schema_name: Schema,
    business_date: Night,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Any:
    """Return a tenant's runs of one night by window and item."""
    found = access.tenant_for(_viewer(request), schema_name)
    after = pagination.read(cursor, int, str)
    rows = selectors.runs_of_tenant(found, business_date, after=after, count=limit + 1)
    return pagination.page(rows, limit, lambda one: (one.window_id, one.item))


@router.get("/runs/{number}", response={200: shapes.Run, PROBLEMS: Problem}, operation_id="run")
def run(request: HttpRequest, number: Number) -> Any:
    """Return one run."""
    return _run(_viewer(request), number)


@router.get(
    "/runs/{number}/quarantine", response={200: shapes.QuarantinedItems, PROBLEMS: Problem}, operation_id="quarantine"
)
def quarantine(request: HttpRequest, number: Number, cursor: Cursor = "", limit: Limit = 100) -> Any:
    """Return the items that a run left out while it did the rest."""
    (after,) = pagination.read(cursor, int) or [0]
    rows = selectors.quarantined(_run(_viewer(request), number), after=after, count=limit + 1)
    return pagination.page(rows, limit, lambda one: (one.pk,))


@router.get("/audit", response={200: shapes.AuditRows, PROBLEMS: Problem}, operation_id="audit")
def audit(request: HttpRequest, cursor: Cursor = "", limit: Limit = 100) -> Any:
    """Return what was asked for on the board and by scripts, the newest first."""
    principal = _viewer(request)
    (before,) = pagination.read(cursor, int) or [None]
    rows = selectors.audit(principal, before=before, count=limit + 1)
    return pagination.page(rows, limit, lambda one: (one.pk,))


def _viewer(request: Any) -> Principal:
    principal: Principal = request.auth
    access.require(principal, Permission.VIEW)
    return principal


def _schedule(one: Schedule) -> dict[str, Any]:
    return {
        "name": one.name,
        "cron": one.cron,
        "purpose": one.purpose,
        "task": one.task,
        "queue": one.queue,
        "criticality": one.criticality,
        "books": one.books,
        "catch_up": one.catch_up,
        "grace_s": one.grace.total_seconds(),
        "deadline_s": one.deadline.total_seconds(),
        "after": list(one.after),
        "before": [other.name for other in catalog() if one.name in other.after],
    }


def _window(number: int) -> Window:
    found = Window.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _run(principal: Principal, number: int) -> Run:
    found = selectors.run(number, principal.ids)
    if found is None:
        raise Http404
    return found
