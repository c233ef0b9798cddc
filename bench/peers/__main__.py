"""`python -m bench.peers`: some ten minutes that show what each of the Celery family does, printed as a table.

The table is also put into docs/comparison.md, and kept in bench/peers/results.json.
"""

import argparse
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sandbox.servers import Sandbox

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "comparison.md"
BLOCK = re.compile(r"(?<=<!-- peers -->\n).*(?=<!-- /peers -->)", re.DOTALL)
#: A message for a missing tenant; a worker killed in a body; six minutes of windows.
PARTS = ("tenant", "workers", "windows")
PACKAGES = ("celery", "celery-redbeat", "django-celery-beat", "tenant-schemas-celery")


def main() -> int:
    """Measure, merge the figures into results.json, and write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="one part; the others' figures are kept")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory(prefix="matins-peers-", ignore_cleanup_errors=True) as scratch:
        logs = Path(scratch)
        with Sandbox(logs / "servers", discard=True) as servers:
            _set_up(servers.env, logs)
            taken = _measure([only] if only else PARTS, servers.env["REDIS_URL"], logs)
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    measured = f"{_packages()}; {os.cpu_count()} cores, {platform.machine()}, {datetime.now(UTC).date()}"
    results = {**kept, **taken, "measured": measured}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    table = markdown(results)
    PAGE.write_text(BLOCK.sub(lambda _: table, PAGE.read_text()))
    print(table)
    return 0


def _set_up(env: dict[str, str], logs: Path) -> None:
    os.environ.update(
        **env,
        DJANGO_SETTINGS_MODULE="bench.peers.settings",
        MATINS_DB_ROLE="owner",
        MATINS_EXTRA_APPS="bench.peers",
        MATINS_CATALOG="bench.peers.catalog.CATALOG",
        MATINS_HEARTBEATS=str(logs / "heartbeats"),
        PEERS_DIARY=str(logs / "diary"),
    )
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from schedules import sql
    from tenants.services import onboard

    call_command("migrate", verbosity=0)
    onboard(schema_name="acme", name="Acme", enabled_at=datetime.now(UTC) - timedelta(days=3))
    sql.execute("CREATE TABLE acme.bench_note (id bigint GENERATED ALWAYS AS IDENTITY)")
    sql.execute(f"GRANT SELECT, INSERT ON acme.bench_note TO {settings.MATINS_APP_DB_USER}")


def _measure(parts: Sequence[str], url: str, logs: Path) -> dict[str, Any]:
    from bench.peers import windows, workers
    from bench.peers.door import Door

    takers: dict[str, Callable[[], dict[str, Any]]] = {
        "tenant": lambda: {"schema of a body for a missing tenant": workers.missing_tenant(url, logs)},
        "workers": lambda: {"seconds until a killed body began again": workers.killed(url, logs)},
        "windows": lambda: windows.measure(Door(url), url, logs),
    }
    results: dict[str, Any] = {}
    for part in parts:
        print(f"{part} …", file=sys.stderr, flush=True)
        results |= takers[part]()
    return results


def _packages() -> str:
    return ", ".join(f"{name} {version(name)}" for name in PACKAGES)


def markdown(results: dict[str, Any]) -> str:
    """Return the results as a table: a row a situation, a column a side."""
    rows = {name: row for name, row in results.items() if isinstance(row, dict)}
    sides = list(dict.fromkeys(side for row in rows.values() for side in row if side != "matins"))
    columns = ["matins", *sides]
    lines = [f"| situation | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        cells = [_cell(name, row[side]) if side in row else "-" for side in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"Measured with {results['measured']}."]) + "\n"


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "refused" if "schema" in name else "not within 60 s"
    return f"`{value}`" if isinstance(value, str) else str(value)


if __name__ == "__main__":
    sys.exit(main())
