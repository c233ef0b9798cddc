"""Onboarding a tenant: the clone of a migrated template beside django-tenants' migration of every new schema."""

from collections.abc import Callable
from statistics import median
from time import perf_counter

REPETITIONS = 5
SCHEMA = "bench_onboarding"


def measure() -> dict[str, float]:
    """Return the median seconds of both ways over the same tables, taken in turn, and their ratio.

    `floor_s` is what Postgres takes for making these tables and indexes and nothing else: no clone can be faster.
    Django is set up as the database owner, and `migrate` has run.
    """
    rounds = [[_timed(way) for way in (_ours, _peer, _floor)] for _ in range(REPETITIONS)]
    ours, peer, floor = (median(seconds) for seconds in zip(*rounds, strict=True))
    return {"ours_s": ours, "peer_s": peer, "ratio": peer / ours, "floor_s": floor}


def _ours() -> None:
    from tenants.services import onboard

    onboard(schema_name=SCHEMA, name="Bench")


def _peer() -> None:
    """Do what saving a tenant does in django-tenants by default: CREATE SCHEMA, then `migrate_schemas` for it."""
    from tenants.models import Tenant

    Tenant(schema_name=SCHEMA).create_schema(check_if_exists=True, verbosity=0)


def _floor() -> None:
    from django.db import connection

    from tenants.names import TEMPLATE_SCHEMA

    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [TEMPLATE_SCHEMA])
        tables = [table for (table,) in cursor.fetchall()]
        likes = [f"CREATE TABLE {SCHEMA}.{table} (LIKE {TEMPLATE_SCHEMA}.{table} INCLUDING ALL)" for table in tables]
        cursor.execute("; ".join([f"CREATE SCHEMA {SCHEMA}", *likes]))


def _timed(way: Callable[[], None]) -> float:
    try:
        start = perf_counter()
        way()
        return perf_counter() - start
    finally:
        _remove()


def _remove() -> None:
    """Leave no trace: a closed tenant would keep its name."""
    from django.db import connection

    from tenants.models import Tenant

    Tenant.objects.filter(schema_name=SCHEMA).delete()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
