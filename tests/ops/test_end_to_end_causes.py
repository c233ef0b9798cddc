"""From a dead part to the pager: each cause is one page in total, also while the night makes up for it.

Postgres, broker, beat, workers, monitor, Prometheus and Alertmanager are the real ones; only durations are shorter.
"""

import pytest

from schedules.models import Run, Window
from tests.night import is_over, reconnect
from tests.ops.tools import need
from tests.stage import at

pytestmark = [need("prometheus", "prometheus-alertmanager"), pytest.mark.timeout(600)]


@pytest.fixture
def sky(watched, make_tenant):
    """A night of two tenants, watched."""
    return watched("LONG", ready=lambda: [make_tenant("acme"), make_tenant("beta")])


def step_through(sky, *times, windows):
    """Let the night come to each time when the one before is done."""
    before = Window.objects.count()
    for number, (hour, minute) in enumerate(times, 1):
        sky.at(hour, minute, seconds=2)
        sky.wait(lambda n=before + number: is_over(n), what=f"window {number} to finish")
    assert Window.objects.count() == before + windows


def test_beats_dead_over_several_windows_are_one_page_in_total(sky, start):
    beat = start("beat", env=sky.env)
    start("worker", env=sky.env)
    step_through(sky, (1, 0), windows=1)
    beat.kill()
    sky.wait_for_page("BeatDown")
    sky.at(3, 5)  # Two windows are missed by now, a third is due.
    sky.wait(lambda: "WindowMissed" in sky.firing(), what="the missed windows to be seen")
    sky.let_pass(sky.thresholds.routing.wait_runs.seconds * 4)
    start("beat", env=sky.env)
    sky.wait(lambda: is_over(4), what="the night to be done")
    sky.wait_until_calm()
    assert sky.pages() == ["BeatDown"]
    assert sky.tickets() == []


def test_the_stopped_workers_of_one_queue_are_one_page_in_total(sky, start):
    start("beat", env=sky.env)
    start("worker", env=sky.env, queues="control,casework,documents")
    money = start("worker", env=sky.env, queues="money")
    step_through(sky, (1, 0), windows=1)
    money.stop()
    sky.wait_for_page("QueueStalled")
    sky.at(2, seconds=2)
    sky.wait(Run.objects.filter(window__schedule="daily-second").exists, what="the next window")
    sky.at(3, 5)
    sky.wait(lambda: "WindowMissed" in sky.firing(), what="the missed windows to be seen")
    sky.let_pass(sky.thresholds.routing.wait_runs.seconds * 4)
    start("worker", env=sky.env, queues="money")
    sky.wait(lambda: is_over(4), what="the night to be done")
    sky.wait_until_calm()
    assert sky.pages() == ["QueueStalled"]
    assert sky.inbox.firing("pager")[0]["commonLabels"]["queue"] == "money"
    assert sky.tickets() == []


def test_a_dead_monitor_is_one_page_in_total(sky, start):
    start("beat", env=sky.env)
    start("worker", env=sky.env)
    step_through(sky, (1, 0), windows=1)
    sky.kill("monitor")
    sky.wait_for_page("MonitoringBlind")
    step_through(sky, (2, 0), windows=1)
    sky.start_monitor()
    sky.wait_until_calm()
    assert sky.pages() == ["MonitoringBlind"]
    assert sky.tickets() == []


def test_a_database_that_is_away_is_one_page_in_total(sky, start, sandbox):
    start("beat", env=sky.env)
    start("worker", env=sky.env)
    step_through(sky, (1, 0), windows=1)
    sandbox.stop_postgres()
    try:
        sky.wait_for_page("DatabaseAway")
        at(3, 5)
        # Long enough for all that follows from it: silent beats, blind monitoring, stalled queues.
        sky.wait(lambda: "QueueStalled" in sky.firing(), what="all that follows to be seen")
        sky.let_pass(sky.thresholds.routing.wait_runs.seconds * 4)
    finally:
        sandbox.start_postgres()
        reconnect()
    sky.wait(lambda: is_over(4), what="the night to be done")
    sky.wait_until_calm()
    assert sky.pages() == ["DatabaseAway"]
    assert sky.tickets() == []
