"""The stage of the contract: the real catalog, the world's undisturbed nights, and nothing left between tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def history(database):
    """The world's nights as they pass undisturbed; the books before each are on a shelf until the module is done."""
    from django.test import override_settings

    from schedules import registry
    from tests.conformance import nights

    with override_settings(MATINS_CATALOG="schedules.catalog.CATALOG"):
        registry.catalog.cache_clear()
        nights.clear(shelves=True)
        yield nights.record()
        nights.clear(shelves=True)
    registry.catalog.cache_clear()
    Path(os.environ["MATINS_CLOCK_FILE"]).unlink(missing_ok=True)


@pytest.fixture
def stage(history):
    """An empty stage before the test, whatever the test before left on it."""
    from tests.conformance import nights

    nights.clear(shelves=False)
