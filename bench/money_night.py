"""The night's jobs of money alone, for a hundred tenants."""

from typing import Any

from bench import nights


def measure() -> dict[str, Any]:
    """Return the figures of `nights.measure`."""
    return nights.measure("bench.catalog.MONEY")
