"""`make bench`: every figure of the README measured side by side, printed as a table and kept in bench/results.json."""

import argparse
import importlib
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results.json")
README = Path(__file__).resolve().parents[1] / "README.md"
BLOCK = re.compile(r"(?<=<!-- bench -->\n).*(?=<!-- /bench -->)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.

    Args:
        module: whose `measure()` takes the figures; rows of one module share one run.
        target: in words.
        read: turns the module's figures into this row's.
        met: whether the row reaches its target.
    """

    module: str
    target: str
    read: Callable[[dict[str, Any]], dict[str, Any]]
    met: Callable[[dict[str, Any]], bool]


def _rates(ours: str, peer: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def read(taken: dict[str, Any]) -> dict[str, Any]:
        return {"ours_per_s": taken[ours], "peer_per_s": taken[peer], "ratio": taken[ours] / taken[peer]}

    return read


def _at_least(ratio: float) -> Callable[[dict[str, Any]], bool]:
    return lambda row: bool(row["ratio"] >= ratio)


ROWS = {
    "fanout_10000": Row(
        module="bench.fanout",
        target=">= 30x group().apply_async(), <= 0.25 s",
        read=lambda taken: {name: taken[name] for name in ("ours_s", "peer_s", "ratio")},
        met=lambda row: row["ratio"] >= 30 and row["ours_s"] <= 0.25,
    ),
    "reopen_10000": Row(
        module="bench.fanout",
        target="no row, no message, <= 0.05 s",
        read=lambda taken: {"ours_s": taken["reopen_s"]},
        met=lambda row: row["ours_s"] <= 0.05,
    ),
    "task_ad_hoc": Row(
        module="bench.throughput",
        target=">= 3x tenant-schemas-celery as installed",
        read=_rates("ad_hoc", "peer"),
        met=_at_least(3),
    ),
    "task_ad_hoc_cached": Row(
        module="bench.throughput",
        target=">= 1x tenant-schemas-celery with its tenant cache",
        read=_rates("ad_hoc", "peer_cached"),
        met=_at_least(1),
    ),
    "task_ledgered": Row(
        module="bench.throughput",
        target=">= 1.5x tenant-schemas-celery as installed",
        read=_rates("ledgered", "peer"),
        met=_at_least(1.5),
    ),
    "task_ledgered_cached": Row(
        module="bench.throughput",
        target=">= 0.8x tenant-schemas-celery with its tenant cache",
        read=_rates("ledgered", "peer_cached"),
        met=_at_least(0.8),
    ),
    "accrual_1000000": Row(
        module="bench.accrual",
        target=">= 0.5x a bare INSERT … SELECT + UPDATE, >= 50x a row-by-row ORM loop",
        read=dict,
        met=lambda row: row["ratio_to_limit"] >= 0.5 and row["ratio_to_orm"] >= 50,
    ),
    "money_night": Row(
        module="bench.money_night",
        target="100 tenants x 10,000 loans <= 900 s, <= 2.2x the time of half the loans",
        read=dict,
        met=lambda row: row["ours_s"] <= 900 and row["ratio_for_double"] <= 2.2,
    ),
    "whole_night": Row(
        module="bench.whole_night",
        target="21 daily schedules, 100 tenants x 10,000 loans <= 900 s, <= 2.2x half the loans, "
        "<= 1.3x one tenant x 1,000,000",
        read=dict,
        met=lambda row: (
            row["ours_s"] <= 900
            and row["ratio_for_double"] <= 2.2
            and row["ratio_to_single"] <= 1.3
            and row["jobs_at_work"] == 21
        ),
    ),
    "metro2": Row(
        module="bench.metro2",
        target=">= 20,000 records/s from rows to the stored file, at constant memory (<= 1.2x for 10x the records)",
        read=dict,
        met=lambda row: row["records_per_s"] >= 20_000 and row["ratio_of_peaks"] <= 1.2,
    ),
    "exporter_260k": Row(
        module="bench.exporter_260k",
        target="scan and scrape <= 0.5 s, <= 2,500 series besides the tenant level, <= 200 MB",
        read=dict,
        met=lambda row: row["ours_s"] <= 0.5 and row["series"] <= 2_500 and row["peak_mb"] <= 200,
    ),
    "board": Row(
        module="bench.board",
        target="p95 of every page <= 0.3 s over 9.1 million runs, a dispatch beside ten readers <= 1.1x of one alone",
        read=dict,
        met=lambda row: row["worst_page_s"] <= 0.3 and row["ratio_beside_readers"] <= 1.1,
    ),
    "onboarding": Row(
        module="bench.onboarding",
        target="<= 1 s, >= 10x django-tenants' migrate of each schema",
        read=dict,
        met=lambda row: row["ratio"] >= 10 and row["ours_s"] <= 1,
    ),
}


def main() -> int:
    """Measure the chosen rows, merge them into results.json and print the table; exit 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", metavar="ROW", help=f"a row or a beginning of some: {', '.join(ROWS)}")
    only = parser.parse_args().only
    chosen = {name: row for name, row in ROWS.items() if name.startswith(only)}
    if not chosen:
        parser.error(f"No row begins with {only!r}; there are {', '.join(ROWS)}.")
    set_up()
    results = {name: _result(row) for name, row in chosen.items()}
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() and only else {}
    taken = {name: (kept | results)[name] for name in ROWS if name in kept | results}
    RESULTS.write_text(json.dumps(taken, indent=2) + "\n")
    README.write_text(BLOCK.sub(lambda _: markdown(taken), README.read_text()))
    _print(results)
    return 0 if all(result["met"] for result in results.values()) else 1


def set_up() -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        MATINS_DB_ROLE="owner",
        MATINS_EXTRA_APPS="bench",
        MATINS_CATALOG="bench.catalog.CATALOG",
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


@cache
def _figures(module: str) -> dict[str, Any]:
    print(f"measuring {module} …", file=sys.stderr, flush=True)
    figures: dict[str, Any] = importlib.import_module(module).measure()
    return figures


def _result(row: Row) -> dict[str, Any]:
    read = {name: _rounded(value) for name, value in row.read(_figures(row.module)).items()}
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    measured = {"machine": machine, "on": datetime.now(UTC).date().isoformat()}
    return {**read, "target": row.target, "met": row.met(read), **measured}


def _rounded(value: Any) -> Any:
    return {name: round(one) for name, one in value.items()} if isinstance(value, dict) else round(value, 4)


def markdown(results: dict[str, Any]) -> str:
    """Return the results as README's table."""
    lines = ["| row | measured | target | met |", "|---|---|---|---|"]
    for name, result in results.items():
        lines.append(f"| `{name}` | {_figures_of(result)} | {result['target']} | {'yes' if result['met'] else 'no'} |")
    machines = sorted({f"{result['machine']}, {result['on']}" for result in results.values()})
    return "\n".join([*lines, "", f"Measured on {'; '.join(machines)}."]) + "\n"


def _figures_of(result: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value:,.4g}" for name, value in result.items() if isinstance(value, float))


def _print(results: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("row", "figures", "target", "met")
    for name, result in results.items():
        table.add_row(name, _figures_of(result), result["target"], "[green]yes[/]" if result["met"] else "[red]no[/]")
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
