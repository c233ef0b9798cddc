"""A registered night and its processes."""

from tests.stage import deployed, nightly, registered, start

__all__ = ["deployed", "nightly", "registered", "start"]
