"""The stage of the contract: the real catalog, and the world's undisturbed nights."""

import pytest

from tests import tidy


@pytest.fixture(scope="module")
def history(database):
    """The world's nights as they pass undisturbed, lived through once for the module."""
    from django.test import override_settings

    from schedules import registry
    from tests.conformance.history import record
    from tests.conformance.shelves import Shelves

    registry.catalog.cache_clear()
    with override_settings(MATINS_CATALOG="schedules.catalog.CATALOG"), Shelves() as shelves:
        yield record(shelves)
    tidy.up()
    registry.catalog.cache_clear()


@pytest.fixture
def stage(history):
    """A connection in no schema and no transaction, whatever the test before left it in."""
    from django.db import connection

    if connection.in_atomic_block:
        connection.close()
    connection.set_schema_to_public()
