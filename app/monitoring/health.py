"""Health of a process that is asked over HTTP: `/healthz` says that it lives, `/readyz` that it can do its work.

They differ in what follows: who does not live is restarted, who is not ready gets no requests until it is. So only
readiness asks the database and the broker.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

import psycopg
from asgiref.sync import iscoroutinefunction, sync_to_async
from celery import current_app
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from kombu.exceptions import OperationalError

#: Who asks gives up after some 5 s.
TIMEOUT_S = 2
#: Anyone may ask a web process; however many do, it opens one session a second for it.
FRESH_S = 1.0


def away() -> list[str]:
    """Return which of `database` and `broker` cannot be reached now; known within seconds."""
    parts = {"database": _is_database_there, "broker": _is_broker_there}
    return [part for part, is_there in parts.items() if not is_there()]


def _is_database_there() -> bool:
    """Ask over a session of its own, so that neither an open transaction nor a lost session matters."""
    options = {**connection.get_connection_params(), "connect_timeout": TIMEOUT_S}
    try:
        with psycopg.connect(**options) as session:
            session.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def _is_broker_there() -> bool:
    brief = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S, "retry_on_timeout": False}
    options = {**current_app.conf.broker_transport_options, **brief}
    with current_app.connection_for_read(transport_options=options, connect_timeout=TIMEOUT_S) as broker:
        try:
            broker.ensure_connection(max_retries=0)
        except OperationalError:
            return False
    return True


def alive() -> HttpResponse:
    """Answer `/healthz`."""
    return HttpResponse("alive\n", content_type="text/plain")


class _Readiness:
    """What was away when it was last asked, for all who ask in the same second."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked = float("-inf")
        self._away: list[str] = []

    def away(self) -> list[str]:
        with self._lock:
            if time.monotonic() - self._asked > FRESH_S:
                self._away, self._asked = away(), time.monotonic()
            return self._away


_readiness = _Readiness()


def ready() -> HttpResponse:
    """Answer `/readyz`: 200, or 503 naming what is away."""
    missing = _readiness.away()
    text = f"away: {', '.join(missing)}\n" if missing else "ready\n"
    return HttpResponse(text, content_type="text/plain", status=503 if missing else 200)


@sync_and_async_middleware
def probes(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Answer the probes before anything else does: they name no tenant's host, and come while the database is away."""

    def answer(request: HttpRequest) -> Any:
        if request.path == "/healthz":
            return alive()
        return ready() if request.path == "/readyz" else get_response(request)

    async def answer_async(request: HttpRequest) -> Any:
        if request.path == "/healthz":
            return alive()
        # In a thread of its own: in the one that serves all requests they would hold each other up.
        is_asked = request.path == "/readyz"
        return await (sync_to_async(ready, thread_sensitive=False)() if is_asked else get_response(request))

    return answer_async if iscoroutinefunction(get_response) else answer
