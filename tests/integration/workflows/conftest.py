"""A tenant of the real catalog, at noon before its first night, and a worker."""

from datetime import UTC, date, datetime

import pytest

from tests.stage import deploy, start

__all__ = ["start"]

NOON = datetime(2024, 2, 20, 12, tzinfo=UTC)
TODAY = NOON.date()
REAL = "schedules.catalog.CATALOG"


@pytest.fixture
def acme(night, make_tenant):
    """Return a tenant with a loan whose first instalment nobody paid, and whose late fee is due."""
    from django.test import override_settings
    from django_tenants.utils import schema_context

    from schedules import registry
    from tests.integration.payments.money import lend

    with override_settings(MATINS_CATALOG=REAL):
        registry.catalog.cache_clear()
        deploy(registry.catalog(), at=NOON)
        make_tenant("acme", enabled_at=NOON)
        with schema_context("acme"):
            lend("L1", rate="0.12", start=date(2024, 1, 1), late_fee_flat="5.00", late_fee_grace=15)
        yield "acme"
    registry.catalog.cache_clear()


@pytest.fixture
def working(acme, start):
    """A worker of two processes that takes tasks."""
    return start("worker", env={"MATINS_CATALOG": REAL})
