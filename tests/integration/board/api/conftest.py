"""A night that went half wrong, and whoever may ask about it."""

import pytest

from tests.integration.board.api.calling import Caller
from tests.stage import at, deployed, nightly, registered, start

__all__ = ["deployed", "nightly", "registered", "start"]


@pytest.fixture
def half_night(nightly):
    """04:00 of the first night: all windows open, beta's first job failed, acme's night done."""
    from schedules.opening import open_due
    from tests.integration.schedules.commands import fail
    from tests.night import work_through

    at(4)
    open_due()
    fail("daily-first", "beta")
    work_through()
    return nightly


@pytest.fixture
def caller(nightly):
    """Return a function that lets somebody in: `caller("operator", "acme")`."""
    return Caller.let_in


@pytest.fixture
def viewer(caller):
    return caller("viewer")


@pytest.fixture
def operator(caller):
    return caller("operator")


@pytest.fixture
def administrator(caller):
    return caller("administrator")
