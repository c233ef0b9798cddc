"""One tenant's books, empty for every test, and no file."""

import os
import shutil

import pytest

from tests.integration.loans.schema import books, tenant

__all__ = ["books", "tenant"]


@pytest.fixture(autouse=True)
def no_files():
    """Leave no file behind."""
    yield
    shutil.rmtree(os.environ["MATINS_FILES"], ignore_errors=True)
