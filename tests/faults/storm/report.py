"""What a storm says when it is over: a table of what was expected, the histogram, and the blows."""

import json

from rich.box import SIMPLE
from rich.table import Column, Table

from tests.faults.storm.judging import SHOWN

BAR = 30


def write(storm, console):
    """Print a storm's report and keep it beside its logs; return whether everything holds."""
    console.print(_expectations(storm))
    console.print(_histogram(storm.latencies))
    console.print(storm.headline())
    for one in storm.broken():
        console.print(f"[bold red]BROKEN[/] {one.what}: {len(one.broken)}", highlight=False)
        for line in one.broken[:SHOWN]:
            console.print(f"    {line}", highlight=False, markup=False)
    (storm.plan.folder / "report.json").write_text(json.dumps(_facts(storm), indent=1))
    return not storm.broken()


def _expectations(storm):
    table = Table(Column("expected", no_wrap=True), "found", Column("", no_wrap=True), title="The storm", box=SIMPLE)
    for one in storm.expectations:
        table.add_row(one.what, one.told, "[green]holds[/]" if one.holds else "[bold red]BROKEN[/]")
    return table


def _histogram(latencies):
    table = Table(Column("within", justify="right"), Column("deadlines", justify="right"), "", box=SIMPLE,
                  title="A deadline passes → /metrics says so")  # fmt: skip
    counted = latencies.histogram()
    most = max(counted.values()) or 1
    for bound, number in counted.items():
        table.add_row(f"{bound:g} s", str(number), "█" * round(BAR * number / most))
    return table


def _facts(storm):
    return {
        "seed": storm.plan.seed,
        "tenants": storm.plan.tenants,
        "sabotage": storm.plan.sabotage,
        "nights": storm.nights,
        "minutes": round(storm.took_s / 60, 2),
        "blows": dict(storm.blows),
        "expectations": [{"what": one.what, "found": one.told, "broken": one.broken} for one in storm.expectations],
        "latencies_s": sorted(round(one, 2) for one in storm.latencies.seen),
        "unseen_s": sorted(round(one, 2) for one in storm.latencies.missed),
    }
