"""What every page has in common: somebody signed in with a role, and headers that keep strangers' content out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from board.access import Permission, Principal, principal_of, require
from board.exceptions import NotAllowedError
from schedules.exceptions import UnknownScheduleError
from tenants.exceptions import UnknownTenantError

View = Callable[..., HttpResponseBase]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


class NothingThereError(Exception):
    """There is no such page, or not for whoever asks."""


def guarded(response: HttpResponseBase) -> HttpResponseBase:
    """Give a response the headers of every page."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def with_headers(view: View) -> View:
    """Give whatever a view answers the headers of every page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return guarded(view(request, *args, **kwargs))

    return answer


def page(view: View) -> View:
    """Let a view `(request, principal, …)` be seen by whoever is signed in and may view; refusals are pages too."""

    @wraps(view)
    @with_headers
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return _answer(view, request, *args, **kwargs)

    return guard


def _answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    principal = principal_of(request.user)
    try:
        require(principal, Permission.VIEW)
        return view(request, principal, *args, **kwargs)
    except NotAllowedError as refusal:
        return refused(request, principal, str(refusal), status=403)
    except (UnknownTenantError, UnknownScheduleError, NothingThereError) as refusal:
        return refused(request, principal, str(refusal), status=404)


def refused(request: HttpRequest, principal: Principal, why: str, *, status: int) -> HttpResponse:
    """Return the page that says why there is nothing to see."""
    return render(request, "board/refused.html", {"principal": principal, "why": why}, status=status)
