"""A month's Metro 2 file from the rows of the books to the stored file, at two sizes, each in a process of its own.

Timed is the whole job: reading how every loan stood at the month's end, opening who owes it, writing and proving the
record, keeping what was said for next month's history, and storing the file.
"""

import json
import resource
import subprocess
import sys
from datetime import date
from time import perf_counter
from typing import Any

from django.db import connection

from bench import portfolio

SMALL, LARGE = 20_000, 200_000
NIGHT = date(2024, 4, 1)


def measure() -> dict[str, Any]:
    """Return records a second and the peak memory in MB, for a file and for one ten times as long.

    Django is set up as the database owner, and `migrate` has run.
    """
    small, large = _of(SMALL), _of(LARGE)
    return {
        "records_per_s": LARGE / large["s"],
        "small_records_per_s": SMALL / small["s"],
        "peak_mb": large["peak_mb"],
        "ratio_of_peaks": large["peak_mb"] / small["peak_mb"],
    }


def _of(loans: int) -> dict[str, float]:
    schema = f"bench_metro2_{loans}"
    _remove(schema)
    try:
        _build(schema, loans)
        told = subprocess.run([sys.executable, "-m", "bench.metro2", schema], check=True, stdout=subprocess.PIPE)
    finally:
        _remove(schema)
    figures: dict[str, float] = json.loads(told.stdout)
    assert figures.pop("reported") == loans
    return figures


def _build(schema: str, loans: int) -> None:
    """Make a tenant whose loans have one night behind them, and who reports to one bureau."""
    from credit_reporting.models import Bureau
    from credit_reporting.services import set_reporter
    from delinquency.services import run_engine
    from loans.services import accrue_interest

    portfolio.build(schema, loans=loans)
    connection.set_schema(schema)  # type: ignore[attr-defined]
    accrue_interest(business_date=portfolio.night(1))
    run_engine(business_date=portfolio.night(1))
    set_reporter(
        name="Bench",
        address="1 Main St, Dover DE 19901",
        phone="3025550100",
        identification_number="BENCH001",
        program_ids={Bureau.EQUIFAX: "EQ1"},
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _report(schema: str) -> dict[str, float]:
    from credit_reporting.services import generate_metro2

    connection.set_schema(schema)  # type: ignore[attr-defined]
    started = perf_counter()
    outcome = generate_metro2(business_date=NIGHT)
    seconds = perf_counter() - started
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"s": seconds, "peak_mb": peak_kb / 1024, "reported": outcome.counts["reported"]}


def _remove(schema: str) -> None:
    from tenants.models import Tenant

    connection.set_schema_to_public()  # type: ignore[attr-defined]
    Tenant.objects.filter(schema_name=schema).delete()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(_report(sys.argv[1])))
