"""The night board over 35 nights of 10,000 tenants x 26 schedules: its pages, its API, and a dispatch beside them.

9.1 million runs stand in the ledger, the last night among them: one schedule has failed for fifty tenants, whose later
runs wait for it. Every page is loaded from a real web process, one after the other, by somebody who sees every tenant.
Then one window is dispatched again and again, in turn alone and while ten people keep the night open, each of whose
pages refreshes itself every 5 s.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import Any

TENANTS, NIGHTS = 10_000, 35
FAILED_EVERY = 200
NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)
TONIGHT = NOON.date()
FAILING = "daily-interest-accrual"
LOADS, DISPATCHES = 40, 12
READERS, REFRESH_S = 10, 5.0
APP = Path(__file__).resolve().parents[1] / "app"

Headers = Mapping[str, str]


def measure() -> dict[str, Any]:
    """Return the p95 of every page, and the seconds of a dispatch alone and beside readers."""
    from bench.nights import nights_of

    with nights_of("schedules.catalog.CATALOG"):
        _build()
        with _serving() as port:
            pages = {name: _p95(port, path, headers) for name, (path, headers) in _addresses().items()}
            alone, beside = _dispatches(port)
    return {
        "worst_page_s": max(pages.values()),
        "dispatch_alone_s": alone,
        "dispatch_beside_readers_s": beside,
        "ratio_beside_readers": beside / alone,
        "p95_ms": {name: seconds * 1000 for name, seconds in pages.items()},
    }


def _build() -> None:
    """Fill the ledger, set-based: a window of each schedule on each night, whatever its cron says."""
    from common import clock
    from schedules import registry, sql

    sql.execute("TRUNCATE public.tenants_tenant, public.schedules_registration, public.schedules_window CASCADE")
    sql.execute("TRUNCATE public.schedules_run, public.board_audit CASCADE")
    clock.set_to(NOON)
    sql.execute(
        """INSERT INTO public.tenants_tenant (schema_name, name, status, enabled_at)
           SELECT 'tenant_' || n, 'Tenant ' || n, 'active', %(at)s FROM generate_series(1, %(n)s) AS n""",
        {"n": TENANTS, "at": NOON - timedelta(days=100)},
    )
    registry.register(registry.catalog(), NOON)
    for back in reversed(range(NIGHTS)):
        for schedule in registry.catalog():
            _fill(schedule, back)
        print(f"  {NIGHTS - back} nights filled", end="\r", file=sys.stderr, flush=True)
    _quarantine()
    sql.execute("VACUUM ANALYZE")


def _fill(schedule: Any, back: int) -> None:
    """Put one schedule's window of a night so many days back into the ledger, with a run for every tenant."""
    from schedules import opening, sql
    from schedules.models import Window

    due_at = datetime.combine(TONIGHT, schedule.last_occurrence(NOON).timetz()) - timedelta(days=back)
    row = opening.window_row(schedule, due_at=due_at, opened_at=due_at, origin=Window.Origin.SCHEDULED)
    sql.execute(
        """INSERT INTO public.schedules_run (window_id, tenant_id, state, reason, attempt, started_at, finished_at)
           SELECT %(window)s, id, CASE WHEN fails THEN 'failed' WHEN waits THEN 'waiting' ELSE 'succeeded' END,
                  CASE WHEN fails THEN 'ValueError: the tape is wrong' ELSE '' END, CASE WHEN waits THEN 0 ELSE 1 END,
                  CASE WHEN NOT waits THEN %(due)s END,
                  CASE WHEN NOT waits THEN %(due)s + (id %% 600) * interval '1 second' END
           FROM public.tenants_tenant, LATERAL (SELECT %(is_bad)s AND id %% %(every)s = 0 AS bad) AS t,
                LATERAL (SELECT bad AND %(fails)s AS fails, bad AND NOT %(fails)s AS waits) AS how""",
        {
            "window": opening.insert_window(row),
            "due": due_at,
            "every": FAILED_EVERY,
            "fails": schedule.name == FAILING,
            "is_bad": back == 0 and (schedule.name == FAILING or FAILING in schedule.after),
        },
    )


def _quarantine() -> None:
    """Leave an item of every thousandth run in quarantine, and an audit of as many actions."""
    from schedules import sql

    sql.execute(
        """INSERT INTO public.schedules_quarantineditem (run_id, model, key, reason, quarantined_at)
           SELECT id, 'loans.loan', id, 'no rate', %(at)s FROM public.schedules_run WHERE id %% 1000 = 0""",
        {"at": NOON},
    )
    sql.execute(
        """INSERT INTO public.board_audit (at, who, via, action, schedule, first, last, outcome)
           SELECT %(at)s, 'olga', 'board', 'rerun', %(schedule)s, %(day)s, %(day)s, 'done'
           FROM generate_series(1, 10000)""",
        {"at": NOON, "schedule": FAILING, "day": TONIGHT},
    )


@contextmanager
def _serving() -> Iterator[int]:
    """Run the real web process; yield its port once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port), "--log-level", "error"]
    own = {"MATINS_DB_ROLE": "app", "MATINS_API_REQUESTS_PER_MINUTE": "1000000"}
    env = {**os.environ, **own, "PYTHONPATH": f"{APP}{os.pathsep}{APP.parent}"}
    process = subprocess.Popen(command, cwd=APP, env=env)
    try:
        while not _answers(port) and process.poll() is None:
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _addresses() -> dict[str, tuple[str, Headers]]:
    """Return every page and read of the API by name, and the headers of whoever asks."""
    from board.models import Audit
    from schedules.models import Run, Window

    page, script = _signed_in(), _let_in()
    run = Run.objects.filter(state="failed").select_related("tenant").latest("pk")
    window, tenant = Window.objects.get(pk=run.window_id), run.tenant.schema_name
    asked = f"schedule={FAILING}&first={TONIGHT}&tenant={tenant}"
    pages = {
        "night": f"/night/{TONIGHT}",
        "schedule": f"/night/schedules/{FAILING}",
        "tenant": f"/night/tenants/{tenant}",
        "run": f"/night/runs/{run.pk}",
        "act": f"/night/act/rerun?{asked}",
        "action": f"/night/actions/{Audit.objects.latest('pk').pk}",
        "audit": "/night/audit",
    }
    reads = {
        "night": f"/nights/{TONIGHT}",
        "schedule": f"/schedules/{FAILING}",
        "windows": f"/schedules/{FAILING}/windows",
        "window": f"/windows/{window.pk}",
        "window_runs": f"/windows/{window.pk}/runs",
        "tenants": "/tenants",
        "tenant": f"/tenants/{tenant}",
        "tenant_runs": f"/tenants/{tenant}/nights/{TONIGHT}/runs",
        "run": f"/runs/{run.pk}",
        "quarantine": f"/runs/{run.pk}/quarantine",
        "audit": "/audit",
    }
    told = {name: (path, page) for name, path in pages.items()}
    return told | {f"api_{name}": (f"/api{path}", script) for name, path in reads.items()}


def _signed_in() -> Headers:
    from django.contrib.auth.models import Group, User
    from django.test import Client

    user, _ = User.objects.get_or_create(username="reader")
    user.groups.add(Group.objects.get(name="operator"))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {"Host": "localhost", "Cookie": f"sessionid={client.cookies['sessionid'].value}"}


def _let_in() -> Headers:
    from board.access import Role
    from board.api import tokens

    issued = tokens.issue(name="bench", role=Role.VIEWER, days=1)
    return {"Host": "localhost", "Authorization": f"Bearer {issued.secret}"}


def _p95(port: int, path: str, headers: Headers) -> float:
    """Return how long a page takes, all but the slowest twentieth of its loads; the first ones warm up."""
    taken = [_load(port, path, headers) for _ in range(LOADS + 5)][5:]
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(f"  {path}: {p95 * 1000:.0f} ms", file=sys.stderr, flush=True)
    return p95


def _load(port: int, path: str, headers: Headers) -> float:
    connection = HTTPConnection("127.0.0.1", port)
    started = time.perf_counter()
    connection.request("GET", path, headers=dict(headers))
    response = connection.getresponse()
    response.read()
    taken = time.perf_counter() - started
    connection.close()
    assert response.status == 200, f"{path} answers {response.status}"
    return taken


def _dispatches(port: int) -> tuple[float, float]:
    """Return the medians in seconds of a window's dispatch, alone and beside readers, taken in turn."""
    from common import clock

    clock.set_to(_next_due())
    alone, beside, headers = [], [], _signed_in()
    _dispatch()  # Warms up.
    for _ in range(DISPATCHES):
        alone.append(_dispatch())
        with _readers(port, headers):
            beside.append(_dispatch())
    return statistics.median(alone), statistics.median(beside)


def _next_due() -> datetime:
    from schedules.registry import catalog

    return min(one.next_occurrence(NOON) for one in catalog())


def _dispatch() -> float:
    """Open the one window that is due, time it, and take it away again."""
    from bench.fanout import _flush
    from schedules import sql
    from schedules.opening import open_due

    started = time.perf_counter()
    opened = open_due()
    taken = time.perf_counter() - started
    assert (opened.windows, opened.published) == (1, TENANTS), opened
    _flush()
    gone = {"noon": NOON}
    sql.execute(
        """DELETE FROM public.schedules_run WHERE window_id = ANY (ARRAY(
               SELECT id FROM public.schedules_window WHERE due_at > %(noon)s))""",
        gone,
    )
    sql.execute("DELETE FROM public.schedules_window WHERE due_at > %(noon)s", gone)
    return taken


@contextmanager
def _readers(port: int, headers: Headers) -> Iterator[None]:
    """Load the night as often as its readers' pages do, evenly spread; go on once the first have."""
    stop = Event()

    def read() -> None:
        while not stop.wait(REFRESH_S / READERS):
            _load(port, "/night/", headers)

    reader = Thread(target=read)
    reader.start()
    time.sleep(2 * REFRESH_S / READERS)
    try:
        yield
    finally:
        stop.set()
        reader.join()
