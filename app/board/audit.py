"""The audit: who asked for what, when, why, and what came of it; each action's row is there before it begins."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from board.access import Principal
from board.models import Audit
from common import clock

if TYPE_CHECKING:
    from board.actions import Request

# Long plans are for the pages of the night; a row keeps the beginning.
LINES_KEPT = 20


def begin(principal: Principal, request: "Request", tenants: Sequence[str] | None, *, via: str) -> Audit:
    """Write that something was asked for, in a transaction of its own."""
    return Audit.objects.create(
        at=clock.now(),
        who=principal.name[:200],
        via=via,
        action=request.action,
        schedule=request.schedule[:200],
        first=request.first,
        last=request.last or request.first,
        tenants=[name[:200] for name in tenants or []],
        why=request.why,
        outcome=Audit.Outcome.BEGUN,
    )


def end(row: Audit, outcome: Audit.Outcome, lines: Sequence[str]) -> None:
    """Write what came of it."""
    kept = list(lines[:LINES_KEPT])
    if len(lines) > LINES_KEPT:
        kept.append(f"… and {len(lines) - LINES_KEPT} more")
    row.outcome, row.said = outcome, "\n".join(kept)
    row.save(update_fields=["outcome", "said"])
