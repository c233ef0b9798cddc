"""Whole nights of the catalog, a worker killed once in every job: the books are as if none had been."""

import pytest
from django.db import transaction
from django_tenants.utils import schema_context

from schedules.catalog import CATALOG
from schedules.models import Run, Window
from tests.conformance import history, nights, world
from tests.conformance.telling import books, differences, tables
from tests.night import is_over, states, story
from tests.nightjobs import orders
from tests.stage import FAST, relieve_until

MONEY = {**FAST, "MATINS_CATALOG": "schedules.catalog.CATALOG"}
#: Where workers die, and the tenant in which they die there; one place after the other from job to job. (A job that
#: fans out is marked in its join only: it dies in one of the other places.)
PLACES = ("claimed", "before-mark", "held", "before-claim", "committed", "before-commit")
TENANTS = [place.replace("-", "_") for place in PLACES]
KILLED = [
    (TENANTS[number % len(PLACES)], CATALOG[name].task.rsplit(".", 1)[1], PLACES[number % len(PLACES)])
    for number, name in enumerate(nights.JOBS)
]


@pytest.fixture
def portfolios(deployed):
    """The world's books in a tenant that nothing disturbs, and in one for every place."""
    deployed(CATALOG, at=world.EVE)
    nights.make_tenant("calm", enabled_at=world.EVE)
    with transaction.atomic(), schema_context("calm"):
        history.build()
    for tenant in TENANTS:
        nights.make_tenant(tenant, like="calm", enabled_at=world.EVE)


@pytest.mark.timeout(600)
def test_a_worker_killed_in_any_job_leaves_the_books_of_an_undisturbed_night(portfolios, start):
    for order in KILLED:
        orders.give(*order, "once kill all")
    nights.open_night(world.NIGHTS[1])
    windows = Window.objects.count()
    start("beat", env=MONEY)
    relieve_until(lambda: is_over(windows), start=start, env=MONEY, what="the nights to end", timeout_s=400)
    assert [order for order in KILLED if not orders.reached(*order)] == []
    assert set(states()) == {"succeeded"}, story()
    assert Run.objects.filter(exceptions__gt=0).count() == 0
    calm = tables(books("calm"))
    for tenant in TENANTS:
        assert differences(tables(books(tenant)), calm) == {}, tenant
