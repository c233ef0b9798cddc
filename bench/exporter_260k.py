"""10,000 tenants x 26 schedules, half of them overdue: the exporter's scan, scrape, series and memory, and its peers'.

The exporter is the real process, scraped over HTTP. The peers hold the same night in processes of their own:

- `naive`: a Gauge with a series for every tenant and schedule, set anew and rendered at every scrape.
- `celery-exporter` (danihodovic's; it is no package on PyPI, so its metrics are made here with the same client library,
  names, labels and default buckets): counters and histograms by task, worker and queue, fed by Celery's events. They
  know neither tenants nor deadlines: of the 130,000 overdue runs they tell nothing.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TENANTS = 10_000
NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)
REPEATS = 15
APP = Path(__file__).resolve().parents[1] / "app"
WORKERS = [f"worker-{n}" for n in range(8)]
# celery-exporter's defaults: prometheus_client's own for the runtime.
WAITS_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800)


def measure() -> dict[str, Any]:
    """Return seconds, series and MB of the exporter and both peers."""
    from bench.nights import nights_of

    with nights_of("schedules.catalog.CATALOG"):
        _build(TENANTS)
        figures = {**_exporter(TENANTS, REPEATS), **_peer("naive"), **_peer("celery")}
    return {**figures, "ratio": figures["naive_s"] / figures["ours_s"]}


def at(tenants: int, *, repeats: int) -> dict[str, float]:
    """Return the exporter's seconds, series and MB with so many tenants."""
    from bench.nights import nights_of

    with nights_of("schedules.catalog.CATALOG"):
        _build(tenants)
        return _exporter(tenants, repeats)


def _build(tenants: int) -> None:
    """Fill the ledger with one night: every second tenant is busy with each schedule past its deadline."""
    from common import clock
    from schedules import registry, sql

    sql.execute("TRUNCATE public.tenants_tenant, public.schedules_registration, public.schedules_window CASCADE")
    sql.execute("TRUNCATE public.schedules_run CASCADE")
    clock.set_to(NOON)
    sql.execute(
        """INSERT INTO public.tenants_tenant (schema_name, name, status, enabled_at)
           SELECT 'tenant_' || n, 'Tenant ' || n, 'active', %(at)s FROM generate_series(1, %(n)s) AS n""",
        {"n": tenants, "at": NOON - timedelta(days=100)},
    )
    registry.register(registry.catalog(), NOON)
    for number, schedule in enumerate(registry.catalog()):
        _open(schedule, number)
    sql.execute("ANALYZE")


def _open(schedule: Any, number: int) -> None:
    from schedules import opening, sql
    from schedules.models import Window

    due_at = schedule.last_occurrence(NOON - timedelta(hours=1, minutes=1))
    origin = Window.Origin.SCHEDULED
    window_id = opening.insert_window(opening.window_row(schedule, due_at=due_at, opened_at=due_at, origin=origin))
    sql.execute(
        """INSERT INTO public.schedules_run (window_id, tenant_id, state, token, started_at, finished_at)
           SELECT %(window)s, id, CASE WHEN is_busy THEN 'running' ELSE 'succeeded' END,
                  CASE WHEN is_busy THEN gen_random_uuid() END, %(due)s, CASE WHEN NOT is_busy THEN %(due)s END
           FROM (SELECT id, (id + %(number)s) %% 2 = 0 AS is_busy FROM public.tenants_tenant) AS t""",
        {"window": window_id, "due": due_at, "number": number},
    )


def _exporter(tenants: int, repeats: int) -> dict[str, float]:
    """Scrape the real exporter; its memory is the peak of the process."""
    with serving() as (url, process):
        while "matins_scan_timestamp_seconds" not in _scrape(url)[1]:
            time.sleep(0.5)
        taken = []
        for _ in range(repeats):
            time.sleep(2)
            taken.append(_scrape(url))
        peak_mb = _peak_mb(process.pid)
    scans = [_value(text, "matins_scan_duration_seconds") for _, text in taken]
    scan_s, scrape_s = statistics.median(scans), statistics.median(seconds for seconds, _ in taken)
    lines = [line for line in taken[-1][1].splitlines() if not line.startswith("#")]
    assert _value(taken[-1][1], "matins_series_omitted") == max(0, tenants * 26 / 2 - 500)
    return {
        "ours_s": scan_s + scrape_s,
        "scan_s": scan_s,
        "scrape_s": scrape_s,
        "series": float(sum(not line.startswith("matins_tenant_") for line in lines)),
        "tenant_series": float(sum(line.startswith("matins_tenant_") for line in lines)),
        "peak_mb": peak_mb,
    }


@contextmanager
def serving() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the real exporter; yield the address of its metrics, and its process."""
    command = [sys.executable, "manage.py", "serve_metrics", "--host", "127.0.0.1", "--port", "0"]
    env = {**os.environ, "MATINS_DB_ROLE": "app", "PYTHONPATH": str(APP.parent)}
    process = subprocess.Popen(command, cwd=APP, env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().split()[-1], process
    finally:
        process.terminate()
        process.wait()


def _scrape(url: str) -> tuple[float, str]:
    started = time.perf_counter()
    with urllib.request.urlopen(url) as response:
        text = response.read().decode()
    return time.perf_counter() - started, text


def _value(text: str, name: str) -> float:
    return float(next(line for line in text.splitlines() if line.startswith(f"{name} ")).split()[-1])


def _peak_mb(pid: int | str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return float(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def _peer(name: str) -> dict[str, float]:
    """Run one peer in a process of its own, with a database of nothing but its metrics."""
    words = [sys.executable, "-m", "bench.exporter_260k", name]
    env = {**os.environ, "PYTHONPATH": f"{APP}{os.pathsep}{APP.parent}"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    return {f"{name}_{figure}": value for figure, value in json.loads(done.stdout).items()}


def naive() -> dict[str, float]:
    """Hold every tenant and schedule in one Gauge; a scrape sets them anew, since all of them age."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    from schedules.catalog import CATALOG

    registry = CollectorRegistry()
    gauge = Gauge("naive_late_seconds", "Late by.", ["tenant", "schedule"], registry=registry)
    pairs = [(f"tenant_{n}", schedule.name) for n in range(TENANTS) for schedule in CATALOG]

    def scrape() -> bytes:
        for pair in pairs:
            gauge.labels(*pair).set(3600)
        return generate_latest(registry)

    return _timed(scrape)


def celery() -> dict[str, float]:
    """Count the events of one night as celery-exporter does, then scrape."""
    from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

    from schedules.catalog import CATALOG

    registry, labels = CollectorRegistry(), ["name", "hostname", "queue_name"]
    states = ("sent", "received", "started", "succeeded", "failed", "rejected", "revoked", "retried")
    counters = {
        state: Counter(f"celery_task_{state}", state, [*labels, *(["exception"] if state == "failed" else [])],
                       registry=registry)
        for state in states
    }  # fmt: skip
    runtime = Histogram("celery_task_runtime", "Runtime.", labels, registry=registry)
    wait = Histogram("celery_task_queue_wait_time", "Wait.", labels, registry=registry, buckets=WAITS_S)
    started = time.perf_counter()
    for schedule in CATALOG:
        for n in range(TENANTS):
            values = (schedule.task, WORKERS[n % len(WORKERS)], schedule.queue)
            for state in ("sent", "received", "started", *(["succeeded"] if n % 2 else [])):
                counters[state].labels(*values).inc()
            wait.labels(*values).observe(1)
            if n % 2:
                runtime.labels(*values).observe(1)
    events_s = time.perf_counter() - started
    return {"events_s": events_s, **_timed(lambda: generate_latest(registry))}


def _timed(scrape: Any) -> dict[str, float]:
    seconds, text = [], b""
    for _ in range(3):
        started = time.perf_counter()
        text = scrape()
        seconds.append(time.perf_counter() - started)
    series = sum(not line.startswith(b"#") for line in text.splitlines())
    return {"s": statistics.median(seconds), "series": float(series), "peak_mb": _peak_mb("self")}


PEERS = {"naive": naive, "celery": celery}


def main(words: Sequence[str]) -> None:
    """Print one peer's figures as JSON."""
    print(json.dumps(PEERS[words[0]]()))


if __name__ == "__main__":
    main(sys.argv[1:])
