"""The scheduler of `celery beat`: it opens what is due and reconciles, and keeps its state in Postgres only.

Any number of beats may tick at once, also embedded in a worker (`-B`): the ledger's lock and unique keys decide.
"""

import logging
import os
import socket
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import psycopg
from celery.beat import Scheduler
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.db.backends.signals import connection_created

from common import clock
from schedules import outbox, signals, sql
from schedules.exceptions import BrokerAwayError
from schedules.opening import open_due
from schedules.reconcile import reconcile
from schedules.registry import catalog

logger = logging.getLogger(__name__)

# The whole catalog is compared with the ledger this often even when nothing is due: it finds holes.
SWEEP_S = 30.0


def _bound_session(connection: Any, **_: Any) -> None:
    """Let a beat that freezes inside a transaction lose its session, and the opening lock with it, after 5 s.

    Set wherever Django opens a session, because it also replaces a lost one on its own in the middle of a tick.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '15s'")


class WindowScheduler(Scheduler):  # type: ignore[misc] # Celery ships no types
    """A Celery beat scheduler whose schedule is the catalog and whose memory is the ledger."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._next_due: datetime | None = None
        self._swept = self._reconciled = float("-inf")
        self._busy = False
        connection_created.connect(_bound_session)
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Nothing to load: the ledger is the state."""

    def tick(self, *_args: Any, **_kwargs: Any) -> float:
        """Open what is due and reconcile; return the seconds until the next tick.

        Never raises: an exception here ends beat, and under `-B` ends it silently.
        """
        self._busy = True
        try:
            for step in (close_old_connections, self._open, self._reconcile, self._tell):
                self._attempt(step)
        finally:
            self._busy = False
        return float(settings.MATINS_TICK_S)

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except BrokerAwayError as error:
            logger.warning("%s", error)
        except Exception:
            logger.exception("A step of the tick failed; it is repeated in %s s.", settings.MATINS_TICK_S)
            connection.close()

    def _open(self) -> None:
        now = clock.now()
        if self._is_due(now):
            opened = open_due(now)
            self._next_due = min(schedule.next_occurrence(now) for schedule in catalog())
            self._swept = time.monotonic()
            if opened.windows:
                logger.info("Opened %s windows, published %s runs.", opened.windows, opened.published)

    def _is_due(self, now: datetime) -> bool:
        sweep = time.monotonic() - self._swept >= SWEEP_S
        return sweep or self._next_due is None or now >= self._next_due

    def _reconcile(self) -> None:
        if time.monotonic() - self._reconciled >= settings.MATINS_RECONCILE_S:
            self._say_alive()
            outbox.wake_relay()
            reconcile()
            self._reconciled = time.monotonic()

    def _tell(self) -> None:
        signals.ticked.send(sender=type(self))

    def _say_alive(self) -> None:
        sql.execute(
            """INSERT INTO public.schedules_beat (name, started_at, ticked_at, clock)
               VALUES (%(name)s, clock_timestamp(), clock_timestamp(), %(clock)s)
               ON CONFLICT (name) DO UPDATE SET ticked_at = excluded.ticked_at, clock = excluded.clock""",
            {"name": self._name, "clock": clock.now()},
        )

    @property
    def info(self) -> str:
        """Return the line `celery beat` prints at its start."""
        return f"    . {len(catalog().schedules)} schedules, state in Postgres"

    def sync(self) -> None:
        """Nothing to write: the ledger is the state."""

    def close(self) -> None:
        """Take this beat off the list of the living, as far as the database lets it.

        Celery calls this from its signal handler, perhaps in the middle of a statement, when the session cannot
        be used: it calls again once the tick has unwound.
        """
        if self._busy:
            return
        self._busy = True
        try:
            sql.execute("DELETE FROM public.schedules_beat WHERE name = %(name)s", {"name": self._name})
        except (DatabaseError, psycopg.Error) as error:
            logger.warning("This beat stays on the list of the living until it is too old: %s", error)
        connection.close()
