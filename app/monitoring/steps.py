"""What a worker's parent process does for those who watch it, as parts of Celery's worker."""

import logging
from typing import Any

from celery import bootsteps
from celery.signals import worker_process_init
from django.conf import settings
from prometheus_client import disable_created_metrics, start_http_server

from monitoring import heartbeat
from monitoring.workers import Pipe, RunMetrics
from schedules.registry import catalog

logger = logging.getLogger(__name__)

#: A worker says this often that it lives.
HEARTBEAT_S = 2.0


class Heartbeat(bootsteps.StartStopStep):  # type: ignore[misc] # Celery ships no types
    """The part of a worker that touches its file, from its event loop and while it has a living child to work with."""

    requires = ("celery.worker.components:Pool",)

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:
        """Beat now, and regularly while this connection to the broker lasts."""
        touch_with_children(worker.pool)
        hub.call_repeatedly(HEARTBEAT_S, touch_with_children, worker.pool)


def touch_with_children(pool: Any) -> None:
    """Touch the file, unless the pool has processes of which none lives."""
    children = getattr(getattr(pool, "_pool", None), "_pool", None)
    if not children or any(child.exitcode is None for child in children):
        heartbeat.touch("worker")


class Metrics(bootsteps.StartStopStep):  # type: ignore[misc] # Celery ships no types
    """The part of a worker that counts its children's runs and serves the numbers, where it has been given a port."""

    requires = ("celery.worker.components:Pool",)
    _server: Any = None

    def include_if(self, _worker: Any) -> bool:
        """Leave it out of a worker without a port."""
        return bool(settings.MATINS_WORKER_METRICS_PORT)

    def create(self, worker: Any) -> Any:
        """Make the pipe before the children are forked, who inherit it."""
        disable_created_metrics()  # type: ignore[no-untyped-call] # A series more for each, of use to nobody.
        queues = worker.app.amqp.queues.consume_from
        self.pipe = Pipe(RunMetrics(schedule.name for schedule in catalog() if schedule.queue in queues))
        self.pipe.open()

    def start(self, _worker: Any) -> None:
        """Serve; a port that is taken costs the numbers, not the night."""
        port = settings.MATINS_WORKER_METRICS_PORT
        try:
            self._server, _thread = start_http_server(port, registry=self.pipe.metrics.registry)
        except OSError as error:
            logger.warning("This worker serves no metrics: port %s is not to be had (%s).", port, error)
        else:
            worker_process_init.connect(self._let_go)

    def _let_go(self, **_: Any) -> None:
        """Close the server's socket in a child: held there, it would keep the port from the next worker."""
        self._server.socket.close()

    def register_with_event_loop(self, _worker: Any, hub: Any) -> None:
        """Count whatever the children write."""
        hub.add_reader(self.pipe.reader, self.pipe.drain)

    def stop(self, _worker: Any) -> None:
        """Serve no more."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
