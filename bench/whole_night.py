"""The whole night: every job that is due daily, for a hundred tenants, and for one that has as many loans alone."""

from typing import Any

from bench import nights


def measure() -> dict[str, Any]:
    """Return the figures of `nights.many`, and the seconds of one tenant alone, by its loans."""
    with nights.stage("bench.catalog.DAILY") as names:
        figures, alone = nights.many(names), nights.alone(names)
    alone_s = {str(loans): night["s"] for loans, night in alone.items()}
    loans, last = max(alone.items())
    kept = {"kept_bytes_per_loan": last["kept"] / loans, "grown_bytes_per_loan": last["grown"] / loans}
    return {**figures, "ratio_to_single": figures["ours_s"] / last["s"], **kept, "alone_s": alone_s}
