"""What can be done from the board and the API: each first as a rehearsal, then for real, audited whatever comes of it.

The services are the commands' own, so that page, script and command can never differ.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from board import access, audit
from board.access import Permission, Principal
from board.exceptions import BadRequestError, BoardError
from board.models import Audit
from schedules import services as nights
from schedules.exceptions import ScheduleError
from schedules.services import Effect
from tenants import services as tenancy
from tenants.exceptions import TenantError
from tenants.management.operator import rehearsal

#: A refusal: its message is complete and made for people.
REFUSALS = (BoardError, ScheduleError, TenantError)
#: Of one backfill: beats wait while it opens its windows.
MOST_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody asks for.

    Args:
        action: which; any permission but `view`.
        schedule: its name, where the action is about one.
        first: the business date, or the first one of a backfill.
        last: the last one of a backfill.
        tenants: schema names; None for all the principal is bound to.
        why: what the audit, and for a skip the ledger, keeps.
        catch_up: of `resume`: bring back what was skipped meanwhile.
    """

    action: Permission
    schedule: str = ""
    first: date | None = None
    last: date | None = None
    tenants: Sequence[str] | None = None
    why: str = ""
    catch_up: bool = False


class Done(NamedTuple):
    """An action that was carried out: its audit row, and what it did."""

    audit: Audit
    effect: Effect


def rehearse(principal: Principal, request: Request) -> Effect:
    """Return what an action would do, in the same words as the command's `--dry-run`; nothing is written.

    Raises:
        NotAllowedError: the principal may not.
        UnknownTenantError: a tenant is unknown, or not within its bounds.
        BoardError, ScheduleError, TenantError: it would be refused; the message says why.
    """
    return _act(request, _allowed(principal, request), dry_run=True)


def perform(principal: Principal, request: Request, *, via: str = "board") -> Done:
    """Carry an action out, with a row in the audit also when it is refused or fails.

    Args:
        principal: who asks.
        request: for what.
        via: where: `board` or `api`.

    Raises:
        NotAllowedError: the principal may not.
        UnknownTenantError: a tenant is unknown, or not within its bounds.
        BoardError, ScheduleError, TenantError: it was refused; the message says why.
    """
    about = request.tenants if request.tenants is not None else access.bound_names(principal)
    row = audit.begin(principal, request, about, via=via)
    try:
        effect = _act(request, _allowed(principal, request), dry_run=False)
    except REFUSALS as refusal:
        audit.end(row, Audit.Outcome.REFUSED, [str(refusal)])
        raise
    except Exception as error:
        audit.end(row, Audit.Outcome.FAILED, [f"{type(error).__name__}: {error}"])
        raise
    audit.end(row, Audit.Outcome.DONE, effect.lines)
    return Done(row, effect)


def _allowed(principal: Principal, request: Request) -> list[str] | None:
    """Return the tenants the action is about, if the principal may do it to them."""
    access.require(principal, request.action)
    return access.tenants_for(principal, request.tenants)


def _act(request: Request, tenants: list[str] | None, *, dry_run: bool) -> Effect:
    act = _ACTIONS.get(request.action)
    if act is None:
        raise BadRequestError(f"{request.action} is no action; these are: {', '.join(_ACTIONS)}.")
    return act(request, tenants, dry_run)


def _rerun(request: Request, tenants: list[str] | None, dry_run: bool) -> Effect:  # noqa: FBT001 - one shape for all
    return nights.rerun(schedule=_schedule(request), business_date=_first(request), tenants=tenants, dry_run=dry_run)


def _skip(request: Request, tenants: list[str] | None, dry_run: bool) -> Effect:  # noqa: FBT001
    return nights.skip(
        schedule=_schedule(request),
        business_date=_first(request),
        reason=request.why,
        tenants=tenants,
        dry_run=dry_run,
    )


def _catch_up(_request: Request, _tenants: list[str] | None, dry_run: bool) -> Effect:  # noqa: FBT001
    return nights.catch_up(dry_run=dry_run)


def _backfill(request: Request, tenants: list[str] | None, dry_run: bool) -> Effect:  # noqa: FBT001
    return nights.backfill(
        schedule=_schedule(request),
        first=_first(request),
        last=request.last or _first(request),
        tenants=tenants,
        dry_run=dry_run,
    )


def _suspend(request: Request, tenants: list[str] | None, dry_run: bool) -> Effect:  # noqa: FBT001
    with rehearsal(dry_run=dry_run):
        tenant = tenancy.suspend(schema_name=_tenant(request, tenants))
    return Effect(lines=[f"{tenant} is suspended."])


def _resume(request: Request, tenants: list[str] | None, dry_run: bool) -> Effect:  # noqa: FBT001
    with rehearsal(dry_run=dry_run):
        tenant = tenancy.resume(schema_name=_tenant(request, tenants), catch_up=request.catch_up)
    return Effect(lines=[f"{tenant} is active."])


_ACTIONS: dict[Permission, Callable[[Request, list[str] | None, bool], Effect]] = {
    Permission.RERUN: _rerun,
    Permission.SKIP: _skip,
    Permission.CATCH_UP: _catch_up,
    Permission.BACKFILL: _backfill,
    Permission.SUSPEND: _suspend,
    Permission.RESUME: _resume,
}


#: Every action there is.
NAMES = tuple(_ACTIONS)


def _schedule(request: Request) -> str:
    if not request.schedule:
        raise BadRequestError(f"Which schedule? {request.action} needs its name.")
    return request.schedule


def _first(request: Request) -> date:
    if request.first is None:
        raise BadRequestError(f"Which business date? {request.action} needs one, like 2026-11-23.")
    return request.first


def _tenant(request: Request, tenants: list[str] | None) -> str:
    if request.tenants is None or tenants is None or len(tenants) != 1:
        raise BadRequestError(f"Which tenant? {request.action} is about one.")
    return tenants[0]
