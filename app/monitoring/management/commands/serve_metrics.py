"""`serve_metrics`: the exporter, one process for the whole platform."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitoring import checks
from monitoring.exceptions import MonitoringError
from monitoring.serving import Monitor, serve


class Command(BaseCommand):
    """See the module."""

    help = "Judge the night every MATINS_SCAN_S seconds and serve /metrics, /healthz and /readyz, until SIGTERM."
    requires_system_checks = (checks.TAG,)

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address."""
        parser.add_argument("--host", default="0.0.0.0", help="address to listen at (default: all)")  # noqa: S104
        parser.add_argument(
            "--port", type=int, default=settings.MATINS_MONITOR_PORT, help="port (default: %(default)s)"
        )

    def handle(self, *_args: Any, host: str, port: int, **_options: Any) -> None:
        """Serve; every refusal is one line."""
        try:
            checks.refuse_too_many_series()
            serve(Monitor(), host=host, port=port, ready=self._say)
        except MonitoringError as error:
            raise CommandError(str(error)) from error

    def _say(self, port: int) -> None:
        self.stdout.write(self.style.SUCCESS(f"Serving http://localhost:{port}/metrics"))
        self.stdout.flush()
