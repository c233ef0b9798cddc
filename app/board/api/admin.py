"""Tokens in the admin, to look at: they come and go by `api_token`, which alone knows their secret."""

from typing import Any

from django.contrib import admin

from board.api.models import Token


@admin.register(Token)
class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Neither added, changed nor deleted here; of the secret there is not even the hash."""

    list_display = ("key", "name", "role", "tenant_ids", "issued_at", "expires_at", "revoked_at")
    list_filter = ("role",)
    search_fields = ("key", "name")
    exclude = ("digest",)
    ordering = ("-issued_at",)

    def has_add_permission(self, *_args: Any) -> bool:
        """Refuse: `api_token issue` prints the secret once."""
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        """Refuse: what a token may do never changes."""
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        """Refuse: `api_token revoke` ends a token, and its row stays."""
        return False
