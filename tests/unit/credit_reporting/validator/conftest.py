"""Validates lines as a file would be."""

import pytest

from credit_reporting.validator import Validation
from tests.unit.credit_reporting.validator.goodfile import TODAY


@pytest.fixture
def findings_of(tmp_path):
    """Return a function that writes lines to a file and gives back what the validator finds in it."""

    def validate(lines, *, previous=None, today=TODAY):
        file, before = tmp_path / "february.m2", tmp_path / "january.m2"
        file.write_text("".join(f"{line}\n" for line in lines), encoding="latin-1")
        if previous is not None:
            before.write_text("".join(f"{line}\n" for line in previous), encoding="latin-1")
        validation = Validation(file, today=today, previous=None if previous is None else before)
        return [tuple(finding) for finding in validation.findings()]

    return validate
