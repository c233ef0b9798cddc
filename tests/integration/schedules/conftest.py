"""A registered night and its processes."""

from datetime import UTC, datetime

import pytest

from tests import processes


@pytest.fixture
def registered(night):
    """The tests' catalog, registered on the eve of 1 July 2024, and the clock set to it."""
    from common import clock
    from schedules.models import Registration
    from schedules.registry import catalog, register

    Registration.objects.all().delete()  # What the session's own migrate registered, at the real time.
    clock.set_to(datetime(2024, 6, 30, 12, tzinfo=UTC))
    register(catalog())


@pytest.fixture
def start(process_env):
    """Return a function that starts a worker or beat which is stopped after the test."""
    started = []

    def start_one(kind, *arguments, env=None, **options):
        process = getattr(processes, kind)({**process_env, **(env or {})}, *arguments, **options)
        started.append(process)
        return process

    yield start_one
    for process in started:
        process.stop()
