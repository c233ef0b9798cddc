"""What a worker says of its runs, by schedule: true whatever becomes of its children, and naming no tenant."""

import os
import signal
import socket
import urllib.request

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitoring.workers import OUTCOMES
from schedules.opening import open_due
from tests.night import is_over, wait_for_night
from tests.nightjobs import orders
from tests.nightjobs.catalog import NIGHTLY
from tests.processes import wait_until
from tests.stage import FAST, at

LABELS = {"schedule", "outcome", "le", "version", "component"}


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture
def scrape(port):
    """Return a function that returns every series of the worker by name and labels."""

    def read():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
            families = list(text_string_to_metric_families(page.read().decode()))
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in families
            for sample in family.samples
        }

    return read


@pytest.fixture
def metered(port):
    return {**FAST, "MATINS_WORKER_METRICS_PORT": str(port)}


def runs(series, schedule, outcome):
    return series["matins_runs_total", (("outcome", outcome), ("schedule", schedule))]


def all_runs(series):
    """Return what was counted, without the zeros."""
    return {
        tuple(value for _, value in labels): count
        for (name, labels), count in series.items()
        if name == "matins_runs_total" and count
    }


def observed(series, name, schedule="daily-first"):
    return series[f"{name}_count", (("schedule", schedule),)]


def test_before_its_first_run_a_worker_shows_its_schedules_with_zeros(registered, start, scrape, metered):
    start("worker", env=metered, queues="money")
    series = scrape()
    mine = {schedule.name for schedule in NIGHTLY if schedule.queue == "money"}
    assert mine < {schedule.name for schedule in NIGHTLY}
    shown = {dict(labels)["schedule"] for name, labels in series if name == "matins_runs_total"}
    assert shown == mine
    assert {runs(series, schedule, outcome) for schedule in mine for outcome in OUTCOMES} == {0.0}
    assert {label for _, labels in series for label, _ in labels} == LABELS
    assert series["matins_build_info", (("component", "worker"), ("version", "unreleased"))] == 1


def test_a_night_is_counted_once_though_every_child_does_one_task(nightly, start, scrape, metered):
    at(3)
    start("beat", env=FAST)
    start("worker", "--max-tasks-per-child", "1", env=metered)
    wait_for_night(windows=4)
    wait_until(lambda: sum(all_runs(scrape()).values()) == 14, what="every run to be counted")
    assert all_runs(scrape()) == {
        ("late", "daily-first"): 2,
        ("late", "daily-second"): 2,
        ("on_time", "daily-third"): 2,
        ("on_time", "daily-parent"): 8,
    }
    assert observed(scrape(), "matins_run_duration_seconds") == 2
    # Opened after its `late_at` it is caught up, which says nothing about how long work waits.
    assert observed(scrape(), "matins_run_delay_seconds") == 0


def test_a_run_started_when_due_is_on_time_and_its_delay_is_known(nightly, start, scrape, metered):
    at(1, seconds=3)
    open_due()
    start("worker", env=metered)
    wait_until(lambda: all_runs(scrape()) == {("on_time", "daily-first"): 2}, what="both runs to be counted")
    assert observed(scrape(), "matins_run_delay_seconds") == 2
    below = (("le", "1.0"), ("schedule", "daily-first"))
    assert scrape()["matins_run_delay_seconds_bucket", below] == 0  # It was due three seconds earlier.


def test_a_killed_child_takes_nothing_with_it_and_its_run_is_counted_by_who_ends_it(nightly, start, scrape, metered):
    orders.give("acme", "first", "end", "once wait go")
    at(1)
    worker = start("worker", env=metered)
    start("beat", env=FAST)
    wait_until(lambda: all_runs(scrape()) == {("on_time", "daily-first"): 1}, what="the other tenant's run")
    wait_until(lambda: orders.reached("acme", "first", "end"), what="the body to be near its end")
    for child in psutil.Process(worker.pid).children():
        os.kill(child.pid, signal.SIGKILL)
    wait_until(lambda: is_over(1), what="the run to be done by another child")
    wait_until(lambda: all_runs(scrape()) == {("on_time", "daily-first"): 2}, what="it to be counted once")


def test_a_failing_body_is_counted_with_every_attempt(nightly, start, scrape, metered):
    orders.give("acme", "first", "start", "raise")
    at(1)
    start("worker", env=metered)
    start("beat", env=FAST)
    wait_until(lambda: runs(scrape(), "daily-first", "failed") == 4, what="four failures to be counted")
    assert all_runs(scrape()) == {("failed", "daily-first"): 4, ("on_time", "daily-first"): 1}
    assert observed(scrape(), "matins_run_duration_seconds") == 1


def test_it_counts_on_when_its_broker_has_been_away(nightly, start, scrape, metered, sandbox):
    worker = start("worker", env=metered)
    sandbox.stop_broker()
    wait_until(lambda: worker.said("Trying again in"), what="the worker to miss its broker")
    sandbox.start_broker()
    at(1)
    start("beat", env=FAST)
    wait_until(lambda: all_runs(scrape()) == {("on_time", "daily-first"): 2}, what="both runs to be counted")


def test_its_port_is_free_again_as_soon_as_it_is_killed(registered, start, scrape, metered, port):
    worker = start("worker", "--max-tasks-per-child", "1", env=metered)
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: not worker.is_alive, what="the parent to be gone")
    start("worker", env=metered)
    assert runs(scrape(), "daily-first", "on_time") == 0


def test_a_taken_port_costs_the_numbers_and_not_the_worker(registered, start, port, metered):
    with socket.create_server(("0.0.0.0", port)):
        worker = start("worker", env=metered)
    assert worker.said(f"This worker serves no metrics: port {port} is not to be had")


def test_without_a_port_nothing_is_served_or_counted(registered, start):
    worker = start("worker")
    listening = [one for one in psutil.Process(worker.pid).net_connections() if one.status == psutil.CONN_LISTEN]
    assert listening == []
