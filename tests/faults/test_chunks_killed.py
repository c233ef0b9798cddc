"""A job that commits in chunks goes on where it died, and a lost attempt stops at its next chunk."""

import pytest

from tests.night import effects, states, wait_for_night
from tests.nightjobs import orders
from tests.nightjobs.catalog import CHUNKED
from tests.processes import wait_until
from tests.stage import FAST, at

CHUNKS = {**FAST, "MATINS_CATALOG": "tests.nightjobs.catalog.CHUNKED"}
#: Tenants, each named for the place where its worker dies.
PLACES = {
    "in_the_first": ("chunky-a", "end"),
    "between_two": ("chunky", "before-chunk-2"),
    "in_the_second": ("chunky-b", "end"),
    "before_the_end": ("chunky", "before-commit"),
}
WHOLE = [("daily-chunky", "a"), ("daily-chunky", "b"), ("daily-chunky", "c"), ("daily-second", "")]


@pytest.fixture
def chunks(deployed):
    deployed(CHUNKED)


def rows(tenant):
    return [(row.schedule, row.item) for row in effects(tenant)]


def test_a_job_killed_in_or_between_its_chunks_does_each_of_them_once(chunks, make_tenant, start):
    for tenant, place in PLACES.items():
        make_tenant(tenant)
        orders.give(tenant, *place, "once kill")
    at(2)
    start("beat", env=CHUNKS)
    start("worker", env=CHUNKS)
    wait_for_night(windows=2)
    assert all(orders.reached(tenant, *place) for tenant, place in PLACES.items())
    assert states() == {"succeeded": 8}
    assert {tenant: rows(tenant) for tenant in PLACES} == dict.fromkeys(PLACES, WHOLE)


def test_a_job_frozen_between_its_chunks_finds_its_run_taken_over(chunks, make_tenant, start):
    make_tenant("acme")
    orders.give("acme", "chunky", "before-chunk-2", "once freeze")
    at(2)
    start("beat", env=CHUNKS)
    worker = start("worker", env=CHUNKS)
    wait_for_night(windows=2)
    worker.thaw()
    wait_until(lambda: worker.said("was taken over"), what="the thawed attempt to give up", process=worker)
    assert rows("acme") == WHOLE
