"""Tenants in the admin: to look at, and to keep their names and domains right; all else is for the services."""

from typing import Any

from django.contrib import admin

from tenants.models import Domain, Tenant


class DomainInline(admin.TabularInline):  # type: ignore[type-arg]
    """The host names of one tenant."""

    model = Domain
    extra = 0


@admin.register(Tenant)
class TenantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Neither added nor deleted here, nor suspended: those change schemas and the night."""

    list_display = ("schema_name", "name", "status", "enabled_at")
    list_filter = ("status",)
    search_fields = ("schema_name", "name")
    ordering = ("schema_name",)
    readonly_fields = ("schema_name", "status", "enabled_at")
    inlines = (DomainInline,)

    def has_add_permission(self, *_args: Any) -> bool:
        """Refuse: `onboard` adds tenants."""
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        """Refuse: `close` ends tenants, and their rows stay."""
        return False
