"""Sessions of the two roles beside the test's own, and services run in threads that the test can watch wait."""

import os
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest


@pytest.fixture(autouse=True)
def lending(database):
    """Nothing is lent here, and nothing spare is there: these tests are about the schemas themselves."""
    from tests import spares

    spares.drop()


@pytest.fixture
def app_role(database):
    """A session of the app role, as every worker and web process has."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
        yield session


@pytest.fixture
def elsewhere(database):
    """A second session of the owner, to hold locks with."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as session:
        yield session


@pytest.fixture
def in_thread(database):
    """Return a function that calls a service in a thread, with a connection of its own, and returns the future."""
    from django.db import connection

    def call(service, **arguments):
        try:
            return service(**arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        yield lambda service, **arguments: pool.submit(call, service, **arguments)
