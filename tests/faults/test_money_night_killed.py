"""Nights that move money, a worker killed once in every job of the catalog: the books are as if none had been."""

import pytest
from django_tenants.utils import schema_context

from schedules.catalog import CATALOG
from schedules.models import Run
from tests.conformance import nights, world
from tests.night import is_over, states, story
from tests.nightjobs import orders
from tests.stage import FAST, relieve_until

MONEY = {**FAST, "MATINS_CATALOG": "schedules.catalog.CATALOG"}
#: Where a job's worker dies, one place after the other from job to job.
PLACES = ("before-commit", "claimed", "before-mark", "held", "before-claim", "committed")
#: For every job a tenant in which it is killed, and the place.
KILLED = {CATALOG[name].task.rsplit(".", 1)[1]: PLACES[number % len(PLACES)] for number, name in enumerate(nights.JOBS)}


@pytest.fixture
def portfolios(deployed):
    """The world's books in a tenant that nothing disturbs, and in one for every job."""
    deployed(CATALOG, at=world.EVE)
    nights.make_tenant("calm", like=None, enabled_at=world.EVE)
    with schema_context("calm"):
        world.build()
    for job in KILLED:
        nights.make_tenant(job, like="calm", enabled_at=world.EVE)


def test_a_worker_killed_in_any_job_leaves_the_books_of_an_undisturbed_night(portfolios, start):
    for job, place in KILLED.items():
        orders.give(job, job, place, "once kill all")
    nights.open_night(world.NIGHTS[1])
    start("beat", env=MONEY)
    relieve_until(
        lambda: is_over(2 * len(nights.JOBS)), start=start, env=MONEY, concurrency=2, what="the nights to end"
    )
    assert [job for job, place in KILLED.items() if not orders.reached(job, job, place)] == []
    assert set(states()) == {"succeeded"}, story()
    assert Run.objects.filter(exceptions__gt=0).count() == 0
    assert {nights.books(job) for job in KILLED} == {nights.books("calm")}
