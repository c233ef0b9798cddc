"""The exporter as a process: promise 6 through its own /metrics, and what it says while database or broker are away."""

import re
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import timedelta

import pytest

from common import clock
from schedules.models import Window
from schedules.opening import open_due
from tests.integration.monitoring.scrapes import Scrape
from tests.processes import manage, wait_until
from tests.stage import utc

QUICK = {"MATINS_SCAN_S": "0.2"}


class Exporter:
    """A running `serve_metrics`."""

    def __init__(self, env):
        self.process = manage("serve_metrics", "--host", "127.0.0.1", "--port", "0", env={**env, **QUICK})
        self.log = self.process.log
        wait_until(lambda: self.process.said("Serving"), what="the exporter to listen", timeout_s=120)
        self.url = re.search(r"http://\S+(?=/metrics)", self.log.read_text())[0]
        wait_until(lambda: self.get("/readyz")[0] == 200, what="the first scan", timeout_s=120)

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def scrape(self):
        return Scrape(self.get("/metrics")[1])

    def wait_for(self, what, says):
        wait_until(lambda: says(self.scrape()), what=what)
        return self.scrape()


@pytest.fixture
def exporter(nightly, process_env):
    with running(process_env) as started:
        yield started


@contextmanager
def running(env):
    started = Exporter({**env, "MATINS_CATALOG": "tests.nightjobs.catalog.NIGHTLY"})
    try:
        yield started
    finally:
        started.process.clear()


def missed(scrape):
    return scrape.of("schedule_problems", "schedule", problem="missed")


def test_promise_6_a_missed_deadline_is_seen(exporter):
    open_due(utc(1, 1))
    clock.set_to(utc(1, 2) - timedelta(minutes=1))
    exporter.wait_for("the window", lambda scrape: scrape.of("schedule_tenants", "schedule", state="late"))
    assert missed(exporter.scrape()) == {}
    clock.set_to(utc(1, 2))
    scrape = exporter.wait_for("the missed deadline", missed)
    assert missed(scrape) == {"daily-first": 2}
    assert scrape.of("tenant_schedule_late_seconds", "tenant").keys() == {"acme", "beta"}


def test_promise_6_a_window_that_nobody_opened_is_seen(exporter):
    clock.set_to(utc(1, 2))
    scrape = exporter.wait_for("the unopened window", missed)
    assert missed(scrape) == {"daily-first": 2}
    assert scrape.of("schedule_windows_unopened", "schedule") == {"daily-first": 1, "daily-second": 1}
    assert not Window.objects.exists()


def test_while_the_database_is_away_the_last_scan_is_served_and_judged_on(exporter, sandbox):
    open_due(utc(1, 1))
    clock.set_to(utc(1, 1, 30))
    before = exporter.wait_for("the window", lambda scrape: scrape.of("schedule_tenants", "schedule", state="late"))
    assert before.one("database_up") == 1
    sandbox.stop_postgres()
    try:
        exporter.wait_for("the outage to be told", lambda scrape: scrape.one("database_up") == 0)
        clock.set_to(utc(1, 2))
        away = exporter.scrape()
        assert missed(away) == {"daily-first": 2}
        again = exporter.scrape()
        assert again.one("scan_timestamp_seconds") == away.one("scan_timestamp_seconds")
        assert again.one("scan_errors_total") > 0
        assert exporter.get("/healthz") == (200, "alive\n")
    finally:
        sandbox.start_postgres()
    back = exporter.wait_for("the database to be back", lambda scrape: scrape.one("database_up") == 1)
    assert back.one("scan_timestamp_seconds") > away.one("scan_timestamp_seconds")
    assert exporter.process.terminate() == 0
    assert "Traceback" not in exporter.log.read_text()


def test_while_the_broker_is_away_the_night_is_judged_on(exporter, sandbox):
    exporter.wait_for("the queues", lambda scrape: scrape.one("broker_up") == 1)
    sandbox.stop_broker()
    try:
        away = exporter.wait_for("the outage to be told", lambda scrape: scrape.one("broker_up") == 0)
        assert "queue_messages" not in away.names()
        assert away.one("database_up") == 1
        clock.set_to(utc(1, 2))
        exporter.wait_for("a missed deadline", missed)
    finally:
        sandbox.start_broker()
    exporter.wait_for("the broker to be back", lambda scrape: scrape.one("broker_up") == 1)
    assert "Traceback" not in exporter.log.read_text()


def test_it_ends_on_sigterm_and_says_what_it_has_where_there_is_nothing(exporter):
    assert exporter.get("/readyz") == (200, "ready\n")
    assert exporter.get("/favicon.ico") == (404, "Here are /metrics, /healthz and /readyz.\n")
    assert exporter.process.terminate() == 0
    assert exporter.log.read_text().splitlines() == [f"Serving {exporter.url}/metrics"]


def test_an_address_that_is_taken_is_refused_in_one_line(exporter, process_env):
    port = exporter.url.rpartition(":")[2]
    refused = manage("serve_metrics", "--host", "127.0.0.1", "--port", port, env=process_env)
    assert refused.wait() == 1
    assert refused.log.read_text() == (
        f"CommandError: Cannot listen at 127.0.0.1:{port} (Address already in use): stop what does, or give --port and "
        "--host.\n"
    )
