"""Two tenants on the eve of the tests' night, for those who mean harm."""

from tests.integration.board.conftest import sign_in
from tests.stage import deployed, nightly, registered, start

__all__ = ["deployed", "nightly", "registered", "sign_in", "start"]
