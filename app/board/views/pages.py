"""Night, Schedule, Tenant and Run."""

from datetime import date

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from board import access, drawing
from board.access import Principal
from board.selectors import night as nights
from board.selectors import run as runs
from board.selectors import schedule as schedules
from board.selectors import tenant as tenants
from board.views.guard import NothingThereError, page
from common import clock


@require_safe
@page
def tonight(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Show the night of today."""
    return _night(request, principal, clock.today())


@require_safe
@page
def night(request: HttpRequest, principal: Principal, business_date: date) -> HttpResponse:
    """Show one night."""
    return _night(request, principal, business_date)


def _night(request: HttpRequest, principal: Principal, business_date: date) -> HttpResponse:
    shown = nights.night(principal, business_date)
    before, after = nights.neighbours(business_date)
    bars = [drawing.bar(row.shown, shown.at) if row.shown else None for row in shown.rows]
    context = {
        "principal": principal,
        "night": shown,
        "rows": list(zip(shown.rows, bars, strict=True)),
        "before": before,
        "after": after,
    }
    # The refresh replaces the part that changes, so that the reader's place and the rest of the page stay.
    return render(request, f"board/{'_night' if request.htmx else 'night'}.html", context)  # type: ignore[attr-defined]


@require_safe
@page
def schedule(request: HttpRequest, principal: Principal, name: str) -> HttpResponse:
    """Show one schedule."""
    shown = schedules.schedule(principal, name)
    columns = drawing.history(shown.windows)
    return render(request, "board/schedule.html", {"principal": principal, "page": shown, "columns": columns})


@require_safe
@page
def tenant(request: HttpRequest, principal: Principal, schema_name: str) -> HttpResponse:
    """Show one tenant."""
    shown = tenants.tenant(access.tenant_for(principal, schema_name))
    items = [(item, _admin_page(request, shown.host, item.model, item.key)) for item in shown.quarantined]
    return render(request, "board/tenant.html", {"principal": principal, "page": shown, "items": items})


def _admin_page(request: HttpRequest, host: str, model: str, key: str) -> str:
    """Return where the tenant's own site shows an item, or nothing where it does not."""
    try:
        path = reverse(f"{admin.site.name}:{model.replace('.', '_')}_change", args=[key])
    except NoReverseMatch:
        return ""
    _, colon, port = request.get_host().partition(":")
    return f"{request.scheme}://{host}{colon}{port}{path}" if host else ""


@require_safe
@page
def run(request: HttpRequest, principal: Principal, run_id: int) -> HttpResponse:
    """Show one run."""
    shown = runs.run(principal, run_id)
    if shown is None:
        raise NothingThereError("There is no such run: its night may have left the ledger.")
    return render(request, "board/run.html", {"principal": principal, "page": shown})
