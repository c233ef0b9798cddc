"""A night to look at, and the people who look."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

SINCE = datetime(2024, 6, 30, 12, tzinfo=UTC)
BEFORE = datetime(2024, 6, 1, tzinfo=UTC)
FOUR = datetime(2024, 7, 1, 4, tzinfo=UTC)


@pytest.fixture
def opened(make_tenant):
    """acme and beta at 04:00 of the first night: every window open, nothing done."""
    from common import clock
    from schedules.models import Registration
    from schedules.opening import open_due
    from schedules.registry import catalog, register

    clock.set_to(FOUR)
    tenants = [make_tenant(name, enabled_at=BEFORE) for name in ("acme", "beta")]
    Registration.objects.all().delete()  # That of the migration, which knows the real clock only.
    register(catalog(), SINCE)
    open_due()
    return tenants


@pytest.fixture
def sign_in(database) -> Callable[..., "Client"]:
    """Return a function that signs somebody in: `sign_in("operator", bound_to=[acme])`."""
    from django.contrib.auth.models import Group, User
    from django.test import Client

    from board.models import TenantBinding

    def sign(role: str | None, *, bound_to=(), name: str | None = None) -> "Client":
        user = User.objects.create_user(name or f"{role}-{User.objects.count()}")
        if role:
            user.groups.add(Group.objects.get(name=role))
        TenantBinding.objects.bulk_create(TenantBinding(user=user, tenant=tenant) for tenant in bound_to)
        client = Client(HTTP_HOST="localhost")
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign
