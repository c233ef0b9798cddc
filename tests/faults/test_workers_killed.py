"""A worker's death or absence at every line of a run costs seconds, never a run and never a second effect."""

from schedules.models import Run
from tests.night import assert_like_an_undisturbed_night, effects, is_over, states, story, wait_for_night
from tests.nightjobs import orders
from tests.processes import wait_until
from tests.servers import end_sessions, statements
from tests.stage import FAST, at, relieve_until

#: Tenants, each named for the place where its worker dies in the first books job.
PLACES = {
    "before_claim": ("before-claim", "once kill"),
    "claimed": ("claimed", "once kill"),
    "in_body": ("start", "once kill"),
    "in_statement": ("end", "once kill in sql"),
    "before_mark": ("before-mark", "once kill"),
    "before_commit": ("before-commit", "once kill"),
    "before_ack": ("committed", "once kill"),
}


def failures(schema_name):
    return Run.objects.get(tenant__schema_name=schema_name, window__schedule="daily-first").failures


def test_a_process_killed_at_any_line_leaves_an_undisturbed_night(registered, make_tenant, start):
    for tenant, (point, order) in PLACES.items():
        make_tenant(tenant)
        orders.give(tenant, "first", point, order)
    at(3)
    start("beat", env=FAST)
    start("worker", env=FAST)
    wait_for_night(windows=4)
    assert [tenant for tenant, (point, _) in PLACES.items() if not orders.reached(tenant, "first", point)] == []
    assert_like_an_undisturbed_night(*PLACES)
    blamed = [tenant for tenant in PLACES if failures(tenant)]
    assert blamed == ["claimed", "in_body", "in_statement", "before_mark", "before_commit"], story()
    assert statements("pg_sleep") == []


def test_a_whole_worker_killed_at_any_line_leaves_an_undisturbed_night(registered, make_tenant, start):
    for tenant, (point, order) in PLACES.items():
        make_tenant(tenant)
        orders.give(tenant, "first", point, "once kill all" if order == "once kill" else order)
    at(3)
    start("beat", env=FAST)
    workers = relieve_until(
        lambda: is_over(4) and all(orders.reached(tenant, "first", point) for tenant, (point, _) in PLACES.items()),
        start=start,
        env=FAST,
        what="the night to end",
    )
    assert len(workers) >= len(PLACES) - 1
    assert_like_an_undisturbed_night(*PLACES)


def test_a_run_that_kills_every_worker_fails_and_stops_only_its_own_line(registered, make_tenant, start):
    for tenant in ("acme", "beta"):
        make_tenant(tenant)
    orders.give("acme", "first", "start", "kill")
    at(3)
    start("beat", env=FAST)
    start("worker", env=FAST)
    wait_until(lambda: states() == {"failed": 1, "waiting": 2, "succeeded": 11}, what="the run to fail")
    run = Run.objects.get(state="failed")
    assert (run.failures, run.attempt) == (4, 4)
    assert run.reason == "the worker died in it (killed, out of memory, or over its time limit)"
    assert [row.schedule for row in effects("acme")] == ["daily-parent"] * 4


def test_a_process_frozen_between_claim_and_lock_finds_its_run_taken_over(registered, make_tenant, start):
    make_tenant("acme")
    orders.give("acme", "first", "claimed", "once freeze")
    at(3)
    start("beat", env=FAST)
    worker = start("worker", env=FAST)
    wait_for_night(windows=4)
    worker.thaw()
    wait_until(lambda: worker.said("was taken over"), what="the thawed attempt to give up", process=worker)
    assert_like_an_undisturbed_night("acme")


def test_a_process_frozen_in_its_body_loses_its_session_and_can_write_nothing_more(registered, make_tenant, start):
    make_tenant("acme")
    orders.give("acme", "first", "end", "once freeze")
    at(3)
    start("beat", env=FAST)
    worker = start("worker", env=FAST)
    wait_until(lambda: orders.reached("acme", "first", "end"), what="the body to be frozen")
    end_sessions(state="idle in transaction")  # As idle_in_transaction_session_timeout does after the hard limit.
    wait_for_night(windows=4)
    worker.thaw()
    wait_until(
        lambda: worker.said("raised unexpected: AdminShutdown"), what="the thawed attempt to fail", process=worker
    )
    wait_for_night(windows=4)
    assert_like_an_undisturbed_night("acme")
