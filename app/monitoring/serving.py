"""The exporter's process: its watches, and a web server for `/metrics`, `/healthz` and `/readyz`."""

import signal
import time
from collections.abc import Callable, Iterable, Sequence
from threading import Event, Thread
from typing import Any, cast
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.db.backends.signals import connection_created
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import ThreadingWSGIServer, make_wsgi_app

from monitoring import backlog, queues, reading
from monitoring.backlog import Backlog
from monitoring.collector import MonitorCollector
from monitoring.exceptions import AddressTakenError
from monitoring.facts import Facts
from monitoring.queues import QueueReading
from monitoring.watch import Watch

# Of an older scan the deadlines are still judged, but not what became of the runs since.
READY_S = 30.0

OK, UNAVAILABLE = "200 OK", "503 Service Unavailable"

Respond = Callable[[str, list[tuple[str, str]]], Any]


class Monitor:
    """The exporter without its process: what it watches, and the answers it gives over HTTP."""

    def __init__(self) -> None:
        self.night: Watch[Facts] = Watch(reading.read, every_s=settings.MATINS_SCAN_S)
        # A watch of its own: a broker that hangs must not hold up the judgement of deadlines.
        self.queues: Watch[Sequence[QueueReading]] = Watch(queues.readings, every_s=settings.MATINS_SCAN_S)
        self.backlog = Backlog(self.queues)
        self.registry = CollectorRegistry()
        self.registry.register(MonitorCollector(self.night, self.queues, self.backlog))
        self._metrics = make_wsgi_app(self.registry)
        self.watches: list[Watch[Any]] = [self.night, self.queues]
        if self.backlog.is_wanted:
            self.watches.append(Watch(self.backlog.tell, every_s=backlog.EVERY_S))

    def start(self) -> None:
        """Look at the night from now on."""
        connection_created.connect(_only_read)
        for watch in self.watches:
            watch.start()

    def stop(self) -> None:
        """Look no more."""
        for watch in self.watches:
            watch.stop()
        connection_created.disconnect(_only_read)

    def answer(self, environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        path = str(environ.get("PATH_INFO"))
        if path == "/metrics":
            return cast("Iterable[bytes]", self._metrics(environ, respond))
        status, text = {"/healthz": self._health, "/readyz": self._readiness}.get(path, _nowhere)()
        respond(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{text}\n".encode()]

    def _health(self) -> tuple[str, str]:
        is_alive = all(watch.is_alive for watch in self.watches)
        return (OK, "alive") if is_alive else (UNAVAILABLE, "a watch has ended")

    def _readiness(self) -> tuple[str, str]:
        """Answer whether what is served is the night as it stands."""
        if self.night.last is None:
            return UNAVAILABLE, "no scan of the ledger has succeeded yet"
        age_s = time.monotonic() - self.night.last.began
        return (UNAVAILABLE, f"the newest good scan is {age_s:.0f} s old") if age_s > READY_S else (OK, "ready")


def _nowhere() -> tuple[str, str]:
    return "404 Not Found", "Here are /metrics, /healthz and /readyz."


def _only_read(connection: Any, **_: Any) -> None:
    """Let the monitor's sessions write nothing, hang for no longer than is worth waiting, and take one core at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET default_transaction_read_only = on; SET statement_timeout = '30s'; "
            "SET max_parallel_workers_per_gather = 0"
        )


class _SilentHandler(WSGIRequestHandler):
    """A probe every few seconds is not worth a line each."""

    def log_message(self, *_args: Any) -> None:
        """Log nothing."""


def serve(monitor: Monitor, *, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until SIGTERM or SIGINT; a scrape that is being answered then is answered first.

    Args:
        monitor: what to serve.
        host: address to listen at.
        port: where; 0 for any that is free.
        ready: called with the port once it listens.

    Raises:
        AddressTakenError: it is in use, or not this machine's.
    """
    try:
        server = make_server(host, port, monitor.answer, ThreadingWSGIServer, handler_class=_SilentHandler)
    except OSError as error:
        raise AddressTakenError(host, port, error) from error
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    monitor.start()
    Thread(target=server.serve_forever, name="serving", daemon=True).start()
    ready(server.server_port)
    stopped.wait()
    server.shutdown()
    monitor.stop()
