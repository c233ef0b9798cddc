"""From a deadline's passing to its being visible in `/metrics`, and to Alertmanager's being told: 1,000 deadlines.

The real exporter with its usual 2 s scan; Prometheus and Alertmanager, where they are installed, with the committed
rules and intervals. Half of the windows are in the ledger beforehand, as in a usual night: the next scrape judges them.
The others come into the ledger in the very moment in which their deadline passes, which is the worst there is: the next
scan finds them, as it finds a window that nobody opened. Everybody is asked again and again, so that their own delays
are measured. Not a row of `make bench`, as it measures a promise and no peer:

    PYTHONPATH=app:. .venv/bin/python -m sandbox --data .matins/bench run --fresh -- \\
        .venv/bin/python -m bench.detection_latency
"""

import json
import os
import re
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

SAMPLES = 1_000
EVERY = timedelta(milliseconds=100)
SEEN = re.compile(r'matins_schedule_problems\{problem="missed",schedule="adhoc:probe-(\d+)"\} 1')
ALERTS = "api/v2/alerts?filter=alertname%3D%22WindowMissed%22"


def measure() -> dict[str, dict[str, float]]:
    """Return the seconds from deadline to `/metrics`, of all deadlines and of each half, and to Alertmanager."""
    from bench.exporter_260k import serving
    from common import clock

    os.environ["MATINS_PROBLEM_SERIES_MAX"] = str(SAMPLES)  # Alertmanager is told of each by itself.
    tenant = _tenant()
    with serving() as (url, _process), _alertmanager(url) as alerts, ThreadPoolExecutor(3) as pool:
        start = clock.now() + timedelta(seconds=20)
        deadlines = [start + number * EVERY for number in range(SAMPLES)]
        for number in range(0, SAMPLES, 2):
            _open(number, tenant, deadlines[number])
        until = deadlines[-1] + timedelta(seconds=60)
        surprises = pool.submit(_open_in_time, tenant, deadlines)
        told = pool.submit(_watch, lambda: _told(alerts), until=until, every_s=0.5) if alerts else None
        seen = pool.submit(_watch, lambda: _seen(url), until=until, every_s=0.02).result()
        surprises.result()
        waited = _waited(seen, deadlines)
        figures = {"seen": waited, "seen_known": waited[::2], "seen_unknown": waited[1::2]}
        figures |= {"told": _waited(told.result(), deadlines)} if told else {}
    return {name: _summary(seconds) for name, seconds in figures.items()}


def _waited(found: dict[int, datetime], deadlines: list[datetime]) -> list[float]:
    assert len(found) == SAMPLES, f"only {len(found)} of {SAMPLES} deadlines were seen"
    return [(found[number] - deadline).total_seconds() for number, deadline in enumerate(deadlines)]


def _summary(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return {"median_s": cuts[49], "p99_s": cuts[98], "worst_s": max(seconds)}


@contextmanager
def _alertmanager(monitor: str) -> Iterator[str | None]:
    """Run Prometheus and Alertmanager over the exporter; yield Alertmanager's address, or None where one is missing."""
    from sandbox import watchers

    ports = {"monitor": urlsplit(monitor).port or 80, "prometheus": _free_port(), "alertmanager": _free_port()}
    with tempfile.TemporaryDirectory(prefix="matins-latency-") as directory:
        commands = watchers.commands(Path(directory), ports)
        started = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for command in commands.values()]
        try:
            yield f"http://127.0.0.1:{ports['alertmanager']}/" if len(started) == len(watchers.PROGRAMS) else None
        finally:
            for process in started:
                process.terminate()
                process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _tenant() -> int:
    from common import clock
    from schedules import registry, sql

    sql.execute("TRUNCATE public.tenants_tenant, public.schedules_registration, public.schedules_window CASCADE")
    sql.execute("TRUNCATE public.schedules_run CASCADE")
    registry.register(registry.catalog())
    rows = sql.fetch(
        """INSERT INTO public.tenants_tenant (schema_name, name, status, enabled_at)
           VALUES ('tenant_1', 'Tenant 1', 'active', %(at)s) RETURNING id""",
        {"at": clock.now() - timedelta(days=2)},
    )
    return int(rows[0].id)


def _open(number: int, tenant: int, deadline: datetime) -> None:
    """Put a window with one run, which nobody will start, into the ledger."""
    from schedules import sql

    sql.execute(
        """WITH w AS (
               INSERT INTO public.schedules_window (schedule, key, task, queue, books, dated, due_at, business_date,
                                                    origin, opened_at, late_at, deadline_at)
               VALUES (%(name)s, %(name)s, 'probe', 'money', false, false, %(due)s, %(due)s::date, 'ad_hoc', %(due)s,
                       %(due)s, %(deadline)s) RETURNING id)
           INSERT INTO public.schedules_run (window_id, tenant_id, state) SELECT id, %(tenant)s, 'ready' FROM w""",
        {
            "name": f"adhoc:probe-{number}",
            "due": deadline - timedelta(hours=1),
            "deadline": deadline,
            "tenant": tenant,
        },
    )


def _open_in_time(tenant: int, deadlines: list[datetime]) -> None:
    """Put every second window into the ledger in the moment in which its deadline passes."""
    from django.db import connection

    from common import clock

    for number in range(1, len(deadlines), 2):
        time.sleep(max(0.0, (deadlines[number] - clock.now()).total_seconds()))
        _open(number, tenant, deadlines[number])
    connection.close()


def _watch(ask: Callable[[], Iterable[int]], *, until: datetime, every_s: float) -> dict[int, datetime]:
    """Return when each deadline was first told of as missed."""
    from common import clock

    found: dict[int, datetime] = {}
    while len(found) < SAMPLES and clock.now() < until:
        numbers, now = list(ask()), clock.now()
        for number in numbers:
            found.setdefault(number, now)
        time.sleep(every_s)
    return found


def _seen(url: str) -> Iterable[int]:
    """Yield the deadlines that the exporter says are missed."""
    with urllib.request.urlopen(url) as response:
        yield from map(int, SEEN.findall(response.read().decode()))


def _told(alertmanager: str) -> Iterable[int]:
    """Yield the deadlines that Alertmanager has been told of."""
    try:
        with urllib.request.urlopen(alertmanager + ALERTS) as response:
            yield from (int(alert["labels"]["schedule"].rpartition("-")[2]) for alert in json.load(response))
    except URLError:
        return  # It is starting.


def main() -> None:
    """Print the figures."""
    for name, figures in measure().items():
        print(name, " ".join(f"{figure}={seconds:.2f}" for figure, seconds in figures.items()))


if __name__ == "__main__":
    from bench.__main__ import set_up

    set_up()
    main()
