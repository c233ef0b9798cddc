"""`tenant_dashboards`: each tenant's people see their own night in Grafana, and no other tenant's."""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from monitoring.exceptions import MonitoringError
from monitoring.tenant_dashboards import files
from monitoring.tenant_dashboards.exceptions import TOKEN, NoTenantsError, NoTokenError
from monitoring.tenant_dashboards.grafana import Grafana
from monitoring.tenant_dashboards.shares import Share, shares
from monitoring.tenant_dashboards.steps import Done, Step
from monitoring.tenant_dashboards.syncing import sync
from ops.dashboards.site import PROMETHEUS, Site
from tenants.management.operator import OperatorCommand


class Command(OperatorCommand):
    """See the module."""

    help = (
        "Give each active tenant a folder and a dashboard of its own, and remove those of tenants that are no more. "
        f"--sync reads the token of a service account (role Admin) from {TOKEN}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where to: a directory or a Grafana."""
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--out", type=Path, metavar="DIR", help="write files for Grafana's provisioning")
        target.add_argument("--sync", metavar="URL", help="keep the Grafana there in step, through its HTTP API")
        parser.add_argument("--seen-at", metavar="PATH", help="where Grafana sees DIR, if somewhere else")
        parser.add_argument("--data-source", metavar="UID", default="", help="Grafana's default one, if not given")
        parser.add_argument("--data-source-type", metavar="ID", default=PROMETHEUS, help="Grafana plugin")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write or sync, and say what changed.

        Raises:
            CommandError: if the directory or the Grafana does not take it.
        """
        active, kept = shares()
        try:
            if not active and not kept:
                raise NoTenantsError
            self._tell(self._steps(active, kept, options), len(active))
        except (MonitoringError, OSError) as error:
            raise CommandError(str(error)) from error

    def _steps(self, active: list[Share], kept: list[Share], options: dict[str, Any]) -> Iterator[Step]:
        site = Site(data_source_type=options["data_source_type"], data_source=options["data_source"])
        if directory := options["out"]:
            seen_at = options["seen_at"] or str(directory.resolve())
            yield from files.write(directory, site=site, active=active, kept=kept, seen_at=seen_at)
            return
        token = os.environ.get(TOKEN)
        if not token:
            raise NoTokenError
        with Grafana(url=options["sync"], token=token) as grafana:
            yield from sync(grafana, site=site, active=active, kept=kept)

    def _tell(self, steps: Iterator[Step], tenants: int) -> None:
        counts: Counter[Done] = Counter()
        for step in track(steps, "Tenants", tenants, console=Console(stderr=True)):
            counts[step.done] += 1
            if step.done is not Done.UNCHANGED:
                self.stdout.write(str(step))
        self.stdout.write(", ".join(f"{counts[done]} {done}" for done in Done))
