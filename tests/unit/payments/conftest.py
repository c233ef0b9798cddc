"""The validator of the ACH files; tests that need it are skipped where it is not built."""

import pytest

from tests.unit.payments.achcli import Achcli


@pytest.fixture
def achcli(tmp_path):
    tool = Achcli(tmp_path)
    if not tool.program.exists():
        pytest.skip("needs the ACH validator: `make tools` builds it, with Go")
    return tool
