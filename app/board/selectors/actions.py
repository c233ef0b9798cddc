"""The audit as somebody may read it, and how far an action's runs have got."""

from dataclasses import dataclass

from django.db.models import QuerySet

from board import access
from board.access import Principal
from board.models import Audit
from schedules import sql
from schedules.models import Window

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far the runs of an action have got: ended, of them failed, and all."""

    done: int
    failed: int
    total: int

    @property
    def is_over(self) -> bool:
        """Return whether nothing is left to wait for."""
        return self.done == self.total


def audits(principal: Principal) -> QuerySet[Audit]:
    """Return the audit, newest first: of somebody bound, what is about their tenants only and what they asked."""
    rows = Audit.objects.order_by("-pk")
    if principal.tenant_ids is None:
        return rows
    names = access.bound_names(principal)
    return rows.filter(tenants__len__gt=0, tenants__contained_by=names) | rows.filter(who=principal.name)


_STANDING = """
SELECT count(*) FILTER (WHERE r.state IN ('succeeded', 'failed', 'skipped')) AS done,
       count(*) FILTER (WHERE r.state = 'failed') AS failed, count(*) AS total
FROM public.schedules_run r JOIN public.tenants_tenant t ON t.id = r.tenant_id
WHERE r.window_id = ANY (%(ids)s) AND (%(names)s::text[] IS NULL OR t.schema_name = ANY (%(names)s))
  AND (%(tenants)s::bigint[] IS NULL OR t.id = ANY (%(tenants)s))"""


def standing(principal: Principal, row: Audit) -> Standing:
    """Return how far the runs of an action have got.

    Args:
        principal: who looks.
        row: the action.
    """
    if row.action == "catch_up":
        windows = Window.objects.filter(opened_at__gte=row.at, origin=Window.Origin.CATCH_UP)
    else:
        windows = Window.objects.filter(schedule=row.schedule, business_date__range=(row.first, row.last))
    ids = list(windows.values_list("pk", flat=True)) if row.first or row.action == "catch_up" else []
    params = {"ids": ids, "names": row.tenants or None, "tenants": principal.ids}
    return Standing(**sql.fetch(_STANDING, params)[0]._asdict())
