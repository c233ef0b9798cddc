"""One tenant's books, empty for every test, and a reporter."""

import os
import shutil
from pathlib import Path

import pytest

from tests.integration.loans.schema import books, tenant

__all__ = ["books", "tenant"]


@pytest.fixture(autouse=True)
def no_documents():
    """An empty storage, before the test and after it: no rollback takes a file back."""
    documents = Path(os.environ["MATINS_FILES"]) / "documents"
    shutil.rmtree(documents, ignore_errors=True)
    yield
    shutil.rmtree(documents, ignore_errors=True)


@pytest.fixture
def reporter(books):
    from credit_reporting.models import Bureau
    from tests.integration.credit_reporting.told import report_to

    return report_to(Bureau.EQUIFAX)
