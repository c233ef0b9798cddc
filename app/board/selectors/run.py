"""One run: what became of it, its children, what it left out, and why it failed."""

from collections.abc import Sequence
from dataclasses import dataclass

from board.access import Principal
from schedules.models import QuarantinedItem, Run

LISTED = 100


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """What the page shows: the run, its children and its quarantined items, and how many there are of each."""

    run: Run
    children: Sequence[Run]
    children_total: int
    quarantined: Sequence[QuarantinedItem]

    @property
    def words(self) -> str:
        """Return the last error without the name of its class, which says little at three in the morning."""
        name, colon, message = self.run.reason.partition(": ")
        return message if colon and name.isidentifier() else self.run.reason


def run(principal: Principal, run_id: int) -> RunPage | None:
    """Return one run, or None when there is none that the principal may see.

    Args:
        principal: who looks.
        run_id: which.
    """
    found = Run.objects.select_related("window", "tenant").filter(pk=run_id).first()
    if found is None or not principal.sees(found.tenant_id):
        return None
    children = Run.objects.filter(window_id=found.window_id, tenant_id=found.tenant_id).exclude(item="")
    return RunPage(
        run=found,
        children=[] if found.item else list(children.order_by("rank", "pk").defer("traceback", "counts")[:LISTED]),
        children_total=0 if found.item else children.count(),
        quarantined=list(found.quarantined.order_by("pk")[:LISTED]),
    )
