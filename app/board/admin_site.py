"""The admin keeps to the board's bounds: whoever is bound to tenants sees at these tenants' sites what is theirs.

Without it the admin of every tenant's site would be open to every member of staff, for users live in `public`, and
would show whoever may see tenants or users those of all the others.
"""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse

from board.access import principal_of

#: Pages of the admin that are nobody's rows.
NOBODYS = frozenset({"", "login", "logout", "password_change", "jsi18n"})


class BoundSite(AdminSite):
    """Django's own, for whom `board_user --tenant` says."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may see the page: one of the staff, and a bound one only its tenants' rows."""
        if not super().has_permission(request):
            return False
        bound = principal_of(request.user).tenant_ids
        return bound is None or (_tenant_id() in bound and _shows_a_tenants_rows(request))


def _tenant_id() -> int | None:
    """Return whose site was asked; None for the public one."""
    tenant = connection.tenant  # type: ignore[attr-defined] # django-tenants adds it.
    return getattr(tenant, "pk", None)


def _shows_a_tenants_rows(request: HttpRequest) -> bool:
    page = request.path.removeprefix(reverse("admin:index")).partition("/")[0]
    return page in NOBODYS or any(page == app.rpartition(".")[2] for app in settings.TENANT_APPS)
