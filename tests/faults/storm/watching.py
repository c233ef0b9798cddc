"""What is measured while the storm rages: how soon a passed deadline is seen, connections, memory."""

import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import psycopg

from common import clock
from tests.integration.monitoring.scrapes import Scrape
from tests.servers import superuser

SAMPLE_S = 0.25
#: The bounds of the histogram, seconds.
BUCKETS = (0.5, 1, 2, 3, 5, 8, 13, 21)
# Whose line is free or who is at work, past the deadline: what waits is blocked or rests.
_PASSED = """
    SELECT DISTINCT w.schedule FROM public.schedules_run r JOIN public.schedules_window w ON w.id = r.window_id
    JOIN public.tenants_tenant t ON t.id = r.tenant_id
    WHERE r.state IN ('ready', 'running') AND r.item = '' AND w.deadline_at <= %s AND t.status = 'active'"""


@dataclass
class Latencies:
    """How long deadlines that had passed went unseen in /metrics, seconds.

    Args:
        seen: of those that were seen.
        missed: of those that ended unseen.
    """

    seen: list[float] = field(default_factory=list)
    missed: list[float] = field(default_factory=list)

    def histogram(self):
        """Return how many were seen within each bound, and after the last."""
        counted = Counter(next((bound for bound in BUCKETS if one <= bound), float("inf")) for one in self.seen)
        return {bound: counted[bound] for bound in (*BUCKETS, float("inf"))}

    def longest_s(self):
        """Return the longest time that a passed deadline went unseen."""
        return max((*self.seen, *self.missed), default=0.0)


class Watch:
    """Looks at the ledger and at /metrics, over and over, in a thread of its own.

    Args:
        port: the monitor's.
    """

    def __init__(self, port):
        self._url = f"http://127.0.0.1:{port}/metrics"
        self._ended = threading.Event()
        self._since, self._told = {}, set()
        self._postgres = None
        self.latencies = Latencies()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self):
        """End it."""
        self._ended.set()
        self._thread.join()
        if self._postgres:
            self._postgres.close()

    def _watch(self):
        while not self._ended.wait(SAMPLE_S):
            # Whichever server is away for a moment, the deadlines that passed meanwhile are still measured.
            with suppress(psycopg.Error, URLError, OSError):
                self._look()

    def _look(self):
        passed = self._passed()
        for schedule in passed:
            self._since.setdefault(schedule, time.monotonic())
        for schedule in self._since.keys() - passed:
            self._end(schedule)
        for schedule in self._alarms() & self._since.keys() - self._told:
            self._told.add(schedule)
            self.latencies.seen.append(time.monotonic() - self._since[schedule])

    def _passed(self):
        try:
            if self._postgres is None:
                self._postgres = superuser()
            return {name for (name,) in self._postgres.execute(_PASSED, [clock.now()])}
        except psycopg.Error:
            self._postgres = None
            raise

    def _alarms(self):
        with urlopen(self._url, timeout=5) as answer:
            return set(Scrape(answer.read().decode()).of("schedule_problems", "schedule"))

    def _end(self, schedule):
        since = self._since.pop(schedule)
        if schedule in self._told:
            self._told.remove(schedule)
        else:
            self.latencies.missed.append(time.monotonic() - since)


@dataclass(frozen=True)
class Use:
    """What the platform uses.

    Args:
        connections: of the app role to Postgres.
        process_mb: the memory of an average process of a kind with its children, by kind; what they share counts too.
    """

    connections: int
    process_mb: dict[str, float]


def use(crew):
    """Measure the platform."""
    with superuser() as postgres:
        found = postgres.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'matins_app'")
        (connections,) = found.fetchone()
    by_kind = {}
    for name, process in crew.processes.items():
        by_kind.setdefault(name.partition("-")[0], []).append(_memory_mb(process.pid))
    return Use(connections, {kind: sum(some) / len(some) for kind, some in by_kind.items()})


def _memory_mb(pid):
    total = 0
    with suppress(psutil.NoSuchProcess):
        one = psutil.Process(pid)
        for process in (one, *one.children(recursive=True)):
            total += process.memory_info().rss
    return total / 2**20
