"""`doctor`: can this night run? One line a part, each with what to do when it cannot."""

import sys
from typing import Any

from schedules import diagnosis
from schedules.management.operator import NightCommand


class Command(NightCommand):
    """See the module."""

    help = "Examine database, broker, clocks, beats, workers and windows; exit 1 when something is wrong."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Print the findings."""
        findings = list(diagnosis.examine())
        for finding in findings:
            mark = self.style.SUCCESS("ok  ") if finding.ok else self.style.ERROR("BAD ")
            self.stdout.write(f"{mark} {finding.part}: {finding.text}")
        if not all(finding.ok for finding in findings):
            sys.exit(1)
