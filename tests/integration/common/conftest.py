"""Two tenants with a night of their own, and the two ways a body can be called in this process."""

from datetime import UTC, datetime

import pytest

from tests.stage import registered, start

__all__ = ["registered", "start"]


@pytest.fixture
def acme(registered, make_tenant):
    """Return a tenant, on a stage where no body has begun."""
    from tests.nightjobs import isolation

    isolation.forget()
    return make_tenant("acme", enabled_at=datetime(2024, 6, 1, tzinfo=UTC))


@pytest.fixture
def beta(registered, make_tenant):
    """Return the other tenant, into whose schema nobody else must come."""
    return make_tenant("beta", enabled_at=datetime(2024, 6, 1, tzinfo=UTC))
