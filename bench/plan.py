"""A hundred thousand tenants of ten thousand loans each, on paper: the measured slopes drawn out, and their price."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PRICES = Path(__file__).resolve().parents[1] / "infra" / "rehearsal" / "prices.toml"
TENANTS, LOANS = 100_000, 1_000_000_000
#: Deployments that the tenants are shared out to.
CELLS = 50
#: Those on which the night of a million loans was measured, and those a cell has: its database's and its workers'.
MEASURED_CORES, CELL_CORES = 2, 8
#: Dollars a month of one deployment, without what its database keeps: `make rehearse ENV=prod`, less 200 GiB.
CELL = 2_007.22 - 200 * 0.23
TABLES = 85
NIGHTS, GIB, HOUR = 365, 2**30, 3600


def table(kept: Mapping[str, Any]) -> str:
    """Return what everything needs in one deployment, and what each of the cells does, as a table."""
    lines = ["| | in all | in each of 50 cells |", "|---|---|---|"]
    for name, figure in needs(kept).items():
        lines.append(f"| {name} | {_told(figure)} | {_told(figure / CELLS)} |")
    return "\n".join(lines) + "\n"


def needs(kept: Mapping[str, Any]) -> dict[str, float]:
    """Return what all tenants and loans need, by what it is and in which unit."""
    points, night = kept["points"], kept["night"]
    core_hours = night["ours_s"] * MEASURED_CORES / 1_000_000 * LOANS / HOUR
    first, grown = night["kept_bytes_per_loan"] * LOANS / GIB, night["grown_bytes_per_loan"] * LOANS * NIGHTS / GIB
    return {
        "core-hours of a night": core_hours,
        "hours of a night, on 8 cores": core_hours / CELL_CORES,
        "seconds to open one window": slope(points["open"]) * TENANTS,
        "seconds of the exporter's scan and scrape": slope(points["exporter"]) * TENANTS,
        "hours of a migration, two tenants at a time": slope(points["migrations"]) * TENANTS / HOUR,
        "tables in the database": TABLES * TENANTS,
        "GiB to begin with": first,
        "GiB more after a year of nights": grown,
        "dollars a month of 50 cells to begin with": dollars(first),
        "dollars a month of 50 cells after a year": dollars(first + grown),
    }


def dollars(gib: float) -> float:
    """Return what all cells cost a month when they keep so many GiB, each twice."""
    price = tomllib.loads(PRICES.read_text())["monthly"]["database_gib"]
    return CELLS * CELL + 2 * price * gib


def slope(points: Sequence[Sequence[float]]) -> float:
    """Return the seconds that one more costs, between the last two points."""
    (fewer, before), (more, after) = points[-2:]
    return (after - before) / (more - fewer)


def _told(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:,.3g}"
