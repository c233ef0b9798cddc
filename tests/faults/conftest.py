"""A registered night and its processes."""

from tests.stage import deployed, registered, start

__all__ = ["deployed", "registered", "start"]
