"""Onboarding a tenant: the clone of a migrated template against django-tenants' migration of every new schema."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

REPETITIONS = 5


def measure() -> dict[str, float]:
    """Return the median seconds of both ways, taken in turn, over the same tables, and how many times ours is faster.

    Django is set up as the database owner, and `migrate` has run.
    """
    seconds = [(_ours(number), _peers(number)) for number in range(REPETITIONS)]
    ours, peer = (median(side) for side in zip(*seconds, strict=True))
    return {"ours_s": ours, "peer_s": peer, "ratio": peer / ours}


def _ours(number: int) -> float:
    from tenants.services import onboard

    schema_name = f"bench_ours_{number}"
    return _timed(lambda: onboard(schema_name=schema_name, name="Bench"), schema_name)


def _peers(number: int) -> float:
    from tenants.models import Tenant

    # What saving a tenant does in django-tenants by default: CREATE SCHEMA, then `migrate_schemas` for it.
    tenant = Tenant(schema_name=f"bench_peer_{number}")
    return _timed(lambda: tenant.create_schema(check_if_exists=True, verbosity=0), tenant.schema_name)


def _timed(onboard: Callable[[], object], schema_name: str) -> float:
    try:
        start = perf_counter()
        onboard()
        return perf_counter() - start
    finally:
        _remove(schema_name)


def _remove(schema_name: str) -> None:
    """Leave no trace, so that the bench can be repeated: a closed tenant would keep its name."""
    from django.db import connection

    from tenants.models import Tenant

    Tenant.objects.filter(schema_name=schema_name).delete()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema_name} CASCADE")
