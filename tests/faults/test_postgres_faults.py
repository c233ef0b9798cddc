"""Postgres restarts, crashes and ends sessions under a night: nobody is blamed, nothing is lost or done twice."""

import pytest

from schedules.models import Run
from schedules.opening import open_due
from tests.night import assert_like_an_undisturbed_night, reconnect, wait_for_night
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.servers import superuser
from tests.stage import FAST, at

TENANTS = ("acme", "beta")


@pytest.fixture
def tenants(registered, make_tenant):
    for schema_name in TENANTS:
        make_tenant(schema_name)


@pytest.fixture
def lazy_wal(sandbox, registered):
    """A Postgres that writes asynchronous commits to disk only when a synchronous one comes along."""
    _configure("ALTER SYSTEM SET wal_writer_delay = '10s'")
    yield
    reconnect()
    _configure("ALTER SYSTEM RESET wal_writer_delay")


def _configure(statement):
    with superuser() as postgres:
        postgres.execute(statement)
        postgres.execute("SELECT pg_reload_conf()")


def restart(sandbox, mode):
    sandbox.restart_postgres(mode)
    reconnect()


@pytest.mark.parametrize(
    ("mode", "point"),
    [
        ("fast", "claimed"),
        ("fast", "end"),
        ("immediate", "end"),
        ("immediate", "before-commit"),
        ("immediate", "committed"),
    ],
)
def test_a_restart_under_a_run_costs_no_failure(tenants, start, sandbox, mode, point):
    orders.give("acme", "first", point, "once wait restarted")
    at(3)
    beat = start("beat", env=FAST)
    worker = start("worker", env=FAST)
    wait_until(lambda: orders.reached("acme", "first", point), what="the run to come to its point")
    restart(sandbox, mode)
    orders.say("restarted")
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night(*TENANTS)
    assert set(Run.objects.values_list("failures", flat=True)) == {0}
    assert beat.is_alive
    assert worker.is_alive


def test_a_claim_that_a_crash_forgot_gives_its_old_holder_no_right(make_tenant, start, sandbox, lazy_wal):
    make_tenant("acme")
    orders.give("acme", "first", "claimed", "once wait thawed")
    at(1)
    open_due()
    start("worker", env=FAST)  # No beat: its synchronous commits would save the claim.
    wait_until(lambda: orders.reached("acme", "first", "claimed"), what="the claim")
    restart(sandbox, "immediate")
    forgotten = Run.objects.get()
    assert (forgotten.state, forgotten.token, forgotten.attempt) == ("ready", None, 0)
    orders.give("acme", "first", "end", "once wait done")
    at(3)
    start("beat", env=FAST)
    wait_until(lambda: orders.reached("acme", "first", "end"), what="a second claim to run the body")
    orders.say("thawed")  # The first attempt goes on, beside the second.
    orders.say("done")
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night("acme")
