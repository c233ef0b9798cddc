"""The stage of a night: fixtures that register its catalog and start its processes.

Django's models are imported inside: pytest reads a conftest before Django is set up.
"""

from datetime import UTC, datetime, timedelta

import pytest

from tests import processes

EVE = datetime(2024, 6, 30, 12, tzinfo=UTC)

#: The same promises with shorter waits: what these figures are is promised nowhere in a fault test.
FAST = {
    "MATINS_TICK_S": "0.3",
    "MATINS_RECONCILE_S": "0.5",
    "MATINS_LEASE_GRACE_S": "1.5",
    "MATINS_RETRY_DELAYS_S": "0.2,0.5,1",
    "MATINS_TEST_POINTS": "1",
}


@pytest.fixture
def registered(night):
    """The tests' catalog, registered on the eve of 1 July 2024, and the clock set to it."""
    from schedules.registry import catalog
    from tests.nightjobs import orders

    deploy(catalog())
    yield
    orders.forget()


@pytest.fixture
def deployed(registered):
    """Return a function that makes a catalog the one of this process and registers it, as a first deployment."""
    from django.test import override_settings

    from schedules import registry
    from tests.nightjobs import catalog

    # Settings name a catalog by its path.
    override = override_settings(MATINS_CATALOG="tests.nightjobs.catalog.DEPLOYED")
    override.enable()

    def deploy_here(declared, *, at=EVE):
        catalog.DEPLOYED = declared
        registry.catalog.cache_clear()
        deploy(declared, at=at)

    yield deploy_here
    override.disable()
    registry.catalog.cache_clear()


@pytest.fixture
def nightly(deployed, make_tenant):
    """Two tenants on the eve of the tests' night, in this process."""
    from tests.nightjobs.catalog import NIGHTLY

    deployed(NIGHTLY)
    return [make_tenant("acme"), make_tenant("beta")]


@pytest.fixture
def start(process_env):
    """Return a function that starts a worker or beat which is killed after the test."""
    started = []

    def start_one(kind, *arguments, env=None, **options):
        process = getattr(processes, kind)({**process_env, **(env or {})}, *arguments, **options)
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.clear()


def at(hour, minute=0, *, day=1, seconds=0):
    """Set the business clock to a time of 1 July 2024, or of a later day, and some seconds."""
    from common import clock

    clock.set_to(utc(day, hour, minute) + timedelta(seconds=seconds))


def utc(day, hour, minute=0, *, month=7):
    """Return a time of July 2024, or of another month of that year."""
    return datetime(2024, month, day, hour, minute, tzinfo=UTC)


def deploy(declared, *, at=EVE):
    """Register a catalog as the first `migrate` does, at a business time which the clock then shows."""
    from common import clock
    from schedules.models import Registration
    from schedules.registry import register

    Registration.objects.all().delete()  # What the session's own migrate registered, at the real time.
    clock.set_to(at)
    register(declared, at)


def relieve_until(condition, *, start, what, timeout_s=120, **options):
    """Keep one worker running, as its service does: start another where one died, until a condition holds.

    It does one thing at a time: who is killed beside another that was ordered to die may just have come to its own
    place, which some runs come to only once.
    """
    workers = [start("worker", concurrency=1, **options)]

    def relieved():
        if not workers[-1].is_alive:
            workers.append(start("worker", concurrency=1, **options))
        return condition()

    processes.wait_until(relieved, what=what, timeout_s=timeout_s)
    return workers
