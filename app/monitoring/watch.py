"""Looking again and again on one's own clock, and keeping the last good look for whoever asks meanwhile."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from typing import Generic, TypeVar

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

# Postgres does not answer, as against: it answers with a refusal, such as that a table is not there yet.
AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
# A look that hangs this long counts as unanswered, although no error has come yet.
HANGS_S = 15.0


@dataclass(frozen=True, kw_only=True)
class Look(Generic[Found]):
    """A good look: what was found, when it began (`time.monotonic`), and how long it took in seconds."""

    found: Found
    began: float
    took_s: float


class Watch(Generic[Found]):
    """A thread that looks, with a database session of its own.

    Args:
        look: what to do; its database errors are counted and told in one line.
        every_s: seconds from the beginning of one look to that of the next.
    """

    def __init__(self, look: Callable[[], Found], *, every_s: float) -> None:
        self._look, self._every_s = look, every_s
        self._stopping = Event()
        self._began: float | None = None
        self._answered = True
        self._thread = Thread(target=self._watch, name=look.__module__, daemon=True)
        #: The newest good look; None before the first.
        self.last: Look[Found] | None = None
        #: Looks that failed.
        self.errors = 0

    def start(self) -> None:
        """Look from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; one that is going on ends with the process."""
        self._stopping.set()

    @property
    def name(self) -> str:
        """Which module looks."""
        return self._thread.name

    @property
    def is_alive(self) -> bool:
        """Whether it still looks, or tries to."""
        return self._thread.is_alive()

    @property
    def is_answered(self) -> bool:
        """Whether the newest look was answered, and the present one has not hung."""
        began = self._began
        return self._answered and (began is None or time.monotonic() - began < HANGS_S)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self.look()
            self._stopping.wait(max(0.0, began + self._every_s - time.monotonic()))
        connection.close()

    def look(self) -> None:
        """Look once, and keep what was found."""
        began = self._began = time.monotonic()
        try:
            found = self._look()
            self.last = Look(found=found, began=began, took_s=time.monotonic() - began)
            self._answered = True
        except (DatabaseError, psycopg.Error) as error:
            self._fail(answered=not isinstance(error, AWAY))
            logger.warning("Could not look: %s", str(error).partition("\n")[0])
        except Exception:
            self._fail(answered=True)
            logger.exception("Could not look; it is tried again in %s s.", self._every_s)
        finally:
            self._began = None

    def _fail(self, *, answered: bool) -> None:
        self.errors += 1
        self._answered = answered
        connection.close()
