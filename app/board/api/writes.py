"""The actions of the API: the board's own, each once for its `Idempotency-Key`, rehearsed with `dry_run`."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Header, Router

from board import actions
from board.access import Permission
from board.api import idempotency, shapes
from board.api.problems import Problem
from board.api.shapes import Asked

router = Router(tags=["actions"])
#: What every action may be answered.
ANSWERS: dict[Any, Any] = {200: shapes.Effect, frozenset({400, 401, 403, 404, 409, 422, 429}): Problem}
LINES = 100

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]+$",
        max_length=255,
        description="Yours, a new one for a new request, e.g. a UUID; the same again gets the same answer for 7 days.",
    ),
]


@router.post("/rerun", response=ANSWERS, operation_id="rerun")
def rerun(request: HttpRequest, asked: shapes.Rerun, idempotency_key: Key) -> HttpResponse:
    """Run again what failed or was skipped, and the quarantined items of what succeeded."""
    return _once(request, idempotency_key, asked, _window(Permission.RERUN, asked))


@router.post("/skip", response=ANSWERS, operation_id="skip")
def skip(request: HttpRequest, asked: shapes.Skip, idempotency_key: Key) -> HttpResponse:
    """Give up what is waiting, ready or failed of a window, so that its line goes on."""
    return _once(request, idempotency_key, asked, _window(Permission.SKIP, asked))


@router.post("/catch-up", response=ANSWERS, operation_id="catch_up")
def catch_up(request: HttpRequest, asked: shapes.CatchUp, idempotency_key: Key) -> HttpResponse:
    """Open every due window that the ledger lacks, for all tenants; a token bound to tenants may not."""
    return _once(request, idempotency_key, asked, {"action": Permission.CATCH_UP})


@router.post("/backfill", response=ANSWERS, operation_id="backfill")
def backfill(request: HttpRequest, asked: shapes.Backfill, idempotency_key: Key) -> HttpResponse:
    """Run a past range of one schedule; refused where later books stand on it."""
    action = {
        "action": Permission.BACKFILL,
        "schedule": asked.schedule,
        "first": asked.first,
        "last": asked.last,
        "tenants": asked.tenants,
    }
    return _once(request, idempotency_key, asked, action)


@router.post("/suspend", response=ANSWERS, operation_id="suspend")
def suspend(request: HttpRequest, asked: shapes.Suspend, idempotency_key: Key) -> HttpResponse:
    """Skip a tenant's open runs and let it take no part in the night until it is resumed."""
    return _once(request, idempotency_key, asked, {"action": Permission.SUSPEND, "tenants": [asked.tenant]})


@router.post("/resume", response=ANSWERS, operation_id="resume")
def resume(request: HttpRequest, asked: shapes.Resume, idempotency_key: Key) -> HttpResponse:
    """Let a suspended tenant take part again, with `catch_up` also in what was skipped meanwhile."""
    action = {"action": Permission.RESUME, "tenants": [asked.tenant], "catch_up": asked.catch_up}
    return _once(request, idempotency_key, asked, action)


def _window(action: Permission, asked: shapes.OneWindow) -> dict[str, Any]:
    return {
        "action": action,
        "schedule": asked.schedule,
        "first": asked.business_date,
        "tenants": asked.tenants,
    }


def _once(request: Any, key: str, asked: Asked, action: dict[str, Any]) -> HttpResponse:
    wanted = actions.Request(**action, why=asked.reason)

    def work() -> HttpResponse:
        from board.api.site import api

        try:
            done = _do(request, wanted, dry_run=asked.dry_run)
        except Exception as error:  # A refusal is an answer too, and kept like one.
            return api.on_exception(request, error)
        return api.create_response(request, done, status=200)

    return idempotency.once(request, token_id=request.token_id, key=key, work=work)


def _do(request: Any, wanted: actions.Request, *, dry_run: bool) -> shapes.Effect:
    if dry_run:
        effect, row = actions.rehearse(request.auth, wanted), None
    else:
        done = actions.perform(request.auth, wanted, via="api")
        effect, row = done.effect, done.audit.pk
    return shapes.Effect(
        dry_run=dry_run,
        said=list(effect.lines[:LINES]),
        more=max(0, len(effect.lines) - LINES),
        runs=effect.runs,
        windows=list(effect.window_ids),
        audit=row,
    )
