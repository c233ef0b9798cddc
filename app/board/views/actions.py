"""Acting: first what it would do, then the question, then how it goes on; and the audit of all of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from board import access, actions
from board.access import Permission, Principal
from board.exceptions import NotAllowedError
from board.forms import ActionForm
from board.selectors import actions as done
from board.selectors.actions import PAGE
from board.views.guard import NothingThereError, page
from tenants.exceptions import UnknownTenantError

#: Lines of a plan that are shown; a large one says how many more there are.
SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@page
def act(request: HttpRequest, principal: Principal, action: str) -> HttpResponse:
    """Say what an action would do (GET), or do it (POST)."""
    wanted = next((one for one in actions.NAMES if one == action), None)
    if wanted is None:
        raise NothingThereError(f"There is no action {action!r}.")
    if request.method == "POST":
        return _perform(request, principal, ActionForm(wanted, request.POST))
    access.require(principal, wanted)
    form = ActionForm(wanted, request.GET or ({} if wanted == Permission.CATCH_UP else None))
    return _ask(request, principal, form, *_rehearsed(principal, form))


def _rehearsed(principal: Principal, form: ActionForm) -> tuple[list[str] | None, str]:
    """Return what the action would do, or why it would be refused."""
    if not form.is_valid():
        return None, ""
    try:
        return list(actions.rehearse(principal, form.request()).lines), ""
    except (NotAllowedError, UnknownTenantError):
        raise
    except actions.REFUSALS as refusal:
        return None, str(refusal)


def _perform(request: HttpRequest, principal: Principal, form: ActionForm) -> HttpResponse:
    if not form.is_valid():
        access.require(principal, form.action)
        return _ask(request, principal, form, None, "")
    try:
        carried_out = actions.perform(principal, form.request())
    except (NotAllowedError, UnknownTenantError):
        raise
    except actions.REFUSALS as refusal:
        return _ask(request, principal, form, None, str(refusal))
    return redirect("board:action", pk=carried_out.audit.pk)


def _ask(
    request: HttpRequest, principal: Principal, form: ActionForm, lines: list[str] | None, refusal: str
) -> HttpResponse:
    context = {
        "principal": principal,
        "action": form.action,
        "form": form,
        "lines": None if lines is None else lines[:SHOWN],
        "more": max(0, len(lines or ()) - SHOWN),
        "refusal": refusal,
    }
    return render(request, "board/act.html", context, status=409 if refusal and request.method == "POST" else 200)


@require_safe
@page
def action(request: HttpRequest, principal: Principal, pk: int) -> HttpResponse:
    """Show what came of an action, and how far its runs have got."""
    row = done.audits(principal).filter(pk=pk).first()
    if row is None:
        raise NothingThereError("There is no such action.")
    context = {"principal": principal, "row": row, "standing": done.standing(principal, row)}
    return render(request, f"board/{'_action' if request.htmx else 'action'}.html", context)  # type: ignore[attr-defined]


@require_safe
@page
def audit(request: HttpRequest, principal: Principal) -> HttpResponse:
    """Show the audit, newest first."""
    before = request.GET.get("before", "")
    rows = done.audits(principal)
    if before.isdecimal() and len(before) < 19:  # noqa: PLR2004 - no id has more digits
        rows = rows.filter(pk__lt=int(before))
    shown = list(rows[: PAGE + 1])
    context = {"principal": principal, "rows": shown[:PAGE], "older": shown[PAGE - 1].pk if len(shown) > PAGE else None}
    return render(request, "board/audit.html", context)
