"""A watched night: the tests' own jobs, their processes, and all that observes them."""

import os

import pytest

from tests.stage import deployed, nightly, registered, start

__all__ = ["deployed", "nightly", "registered", "start"]


@pytest.fixture
def watched(deployed, process_env, tmp_path):
    """Return a function that deploys a catalog of `tests.ops.nights` and opens the observatory over it."""
    from tests.ops import nights
    from tests.ops.observatory import Observatory

    opened = []

    def watch(name, *, ready=lambda: None):
        deployed(getattr(nights, name))
        ready()
        env = {**process_env, "MATINS_CATALOG": f"tests.ops.nights.{name}", "PYTHONPATH": _path()}
        observatory = Observatory(tmp_path, env)
        opened.append(observatory)
        observatory.open()
        return observatory

    yield watch
    for observatory in opened:
        observatory.close()


def _path():
    from tests.processes import APP

    return os.pathsep.join([str(APP), str(APP.parent)])
