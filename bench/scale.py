"""How time grows with tenants and loans: `python -m bench.scale` measures, tells it in docs/scale.md and plots it.

The nights' curve is that of `make bench ONLY=whole_night`, which comes first.
"""

import argparse
import json
import os
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from bench import plan
from bench.__main__ import RESULTS, set_up
from bench.plan import slope
from bench.plot import Curve, plot

KEPT = Path(__file__).with_name("scale.json")
DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"(?<=-->\n)(?:(?!<!--).)*(?=<!-- /(scale|plan) -->)", re.DOTALL)
TENANTS = (10, 100, 1_000, 10_000)
#: Schemas of all tables: a thousand of them take a quarter of an hour to make.
SCHEMAS = (10, 32, 100)
#: A migration of one column, which is taken away and made again.
UNDO = (
    "ALTER TABLE {schema}.casework_campaign DROP COLUMN queue_id",
    "DELETE FROM {schema}.django_migrations WHERE app = 'casework' AND name = '0003_campaign_queue'",
)
#: What the plan needs of the whole night of a million loans.
NIGHT = ("ours_s", "grown_bytes_per_loan", "kept_bytes_per_loan")
CURVES = {
    "open": Curve("one window opened to all tenants", "tenants"),
    "reopen": Curve("the same window opened again", "tenants"),
    "exporter": Curve("exporter: scan and scrape, half the night overdue", "tenants"),
    "migrations": Curve("one migration of every tenant", "tenants"),
    "in step": Curve("migrate_tenants with nothing to do", "tenants"),
    "night": Curve("the whole night of one tenant", "loans"),
}


def main() -> int:
    """Measure the curves, or with --draw only tell and plot again what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--draw", action="store_true", help="measure nothing")
    if not parser.parse_args().draw:
        set_up()
        KEPT.write_text(json.dumps(measure(), indent=2) + "\n")
    kept = json.loads(KEPT.read_text())
    (DOCS / "scale.svg").write_text(drawing(kept))
    page = DOCS / "scale.md"
    told = {"scale": table(kept), "plan": plan.table(kept)}
    page.write_text(BLOCK.sub(lambda match: told[match[1]], page.read_text()))
    return 0


def measure() -> dict[str, Any]:
    """Return the machine, the day, and each curve's points: how many, and seconds."""
    from bench import exporter_260k, fanout

    points: dict[str, Any] = {name: [] for name in CURVES}
    for tenants in TENANTS:
        _tell(f"{tenants:,} tenants")
        first, again = fanout.opening(tenants)
        points["open"].append([tenants, first])
        points["reopen"].append([tenants, again])
        points["exporter"].append([tenants, exporter_260k.at(tenants, repeats=5)["ours_s"]])
    for tenants in SCHEMAS:
        _tell(f"{tenants:,} schemas")
        applied, in_step = _migrations(tenants)
        points["migrations"].append([tenants, applied])
        points["in step"].append([tenants, in_step])
    whole = json.loads(RESULTS.read_text())["whole_night"]
    points["night"] = [[int(loans), seconds] for loans, seconds in whole["alone_s"].items()]
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return {
        "machine": machine,
        "on": datetime.now(UTC).date().isoformat(),
        "points": points,
        "night": {name: whole[name] for name in NIGHT},
    }


def table(kept: dict[str, Any]) -> str:
    """Return the points as a table, with each curve's slope: seconds for every one more, between its last points."""
    lines = ["| | of | seconds | each more |", "|---|---|---|---|"]
    for name, curve in CURVES.items():
        points = kept["points"][name]
        told = ", ".join(f"{count:,}: {seconds:.3g}" for count, seconds in points)
        lines.append(f"| {curve.title} | {curve.of} | {told} | {_each(slope(points))} |")
    return "\n".join([*lines, "", f"Measured on {kept['machine']}, {kept['on']}."]) + "\n"


def _each(seconds: float) -> str:
    """Return what one more costs; less than a microsecond is not told from nothing."""
    units = {"ms": 1e3, "µs": 1e6}
    return next((f"{seconds * many:,.0f} {unit}" for unit, many in units.items() if seconds * many >= 1), "none seen")


def drawing(kept: dict[str, Any]) -> str:
    """Return the curves as an SVG."""
    curves = [(curve, kept["points"][name]) for name, curve in CURVES.items()]
    return plot(curves, f"{kept['machine']}, {kept['on']}")


def _migrations(tenants: int) -> tuple[float, float]:
    """Return the seconds of one migration of so many tenants, two at a time, and of finding them in step."""
    with _schemas(tenants) as names:
        return _migrated(names, applied=1), _migrated(names, applied=0)


@contextmanager
def _schemas(count: int) -> Iterator[list[str]]:
    """Make tenants that lack a migration; they are gone after the block."""
    from schedules import sql
    from tenants.services import onboard

    sql.execute("TRUNCATE public.tenants_tenant CASCADE")
    names = [f"scale_{n}" for n in range(count)]
    try:
        for name in names:
            onboard(schema_name=name, name=name)
            for statement in UNDO:
                sql.execute(statement.format(schema=name))
        yield names
    finally:
        for name in names:
            sql.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        sql.execute("TRUNCATE public.tenants_tenant CASCADE")


def _migrated(names: Sequence[str], *, applied: int) -> float:
    from tenants.migration import migrate_each

    started = perf_counter()
    outcomes = list(migrate_each(names, processes=2))
    seconds = perf_counter() - started
    assert all(outcome.applied == applied and not outcome.failure for outcome in outcomes), outcomes[0]
    return seconds


def _tell(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
