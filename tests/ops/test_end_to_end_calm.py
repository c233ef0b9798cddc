"""Nobody is woken for nothing: a first deployment, restarts, a month's end and a suspended tenant raise no alert.

Postgres, broker, beat, workers, monitor, Prometheus and Alertmanager are the real ones; only durations are shorter.
"""

import pytest
from django.core.management import call_command

from schedules.models import Run, Window
from tests.night import is_over
from tests.ops.tools import need
from tests.stage import utc

pytestmark = [need("prometheus", "prometheus-alertmanager"), pytest.mark.timeout(600)]

NIGHT = ((1, 0), (2, 0), (2, 30), (3, 0))


def spend_the_night(sky, day, *, times=NIGHT):
    """Let one night come, window by window."""
    before = Window.objects.count()
    for number, (hour, minute) in enumerate(times, 1):
        sky.at(hour, minute, day=day, seconds=2)
        sky.wait(lambda n=before + number: is_over(n), what=f"the window of {hour:02}:{minute:02} on {day} July")


def assert_nobody_was_told(sky):
    sky.let_pass(2 * sky.thresholds.platform.blind_for.seconds)
    assert (sky.fired(), sky.pages(), sky.tickets()) == ([], [], [])


def test_an_empty_first_deployment_tells_nobody(watched, start):
    sky = watched("LONG")
    sky.let_pass(sky.thresholds.platform.beat_absent_for.seconds / 2)  # Processes come up one after the other.
    start("beat", env=sky.env)
    start("worker", env=sky.env)
    sky.at(1, seconds=2)
    sky.wait(lambda: Window.objects.count() == 1, what="a window without tenants")
    assert_nobody_was_told(sky)


def test_nights_with_restarts_a_months_end_and_a_suspended_tenant_tell_nobody(watched, make_tenant, start):
    sky = watched("LONG", ready=lambda: [make_tenant("acme"), make_tenant("beta")])
    beat, worker = start("beat", env=sky.env), start("worker", env=sky.env)
    spend_the_night(sky, 1, times=(*NIGHT, (4, 0)))  # The first of a month.

    spend_the_night(sky, 2, times=NIGHT[:1])
    beat.stop()
    start("beat", env=sky.env)
    spend_the_night(sky, 2, times=NIGHT[1:2])
    worker.stop()
    start("worker", env=sky.env)
    spend_the_night(sky, 2, times=NIGHT[2:3])
    sky.stop("monitor")
    sky.start_monitor()
    spend_the_night(sky, 2, times=NIGHT[3:])

    call_command("suspend", "beta")
    spend_the_night(sky, 3)
    sky.at(12, day=3)
    assert_nobody_was_told(sky)
    of_beta = Run.objects.filter(tenant__schema_name="beta", window__due_at__gte=utc(3, 0))
    assert set(of_beta.values_list("state", flat=True)) == {"skipped"}
