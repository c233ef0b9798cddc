"""A registered night and its processes."""

from tests.stage import registered, start

__all__ = ["registered", "start"]
