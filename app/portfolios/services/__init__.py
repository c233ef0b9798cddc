"""What keeps portfolios: their rules, the nightly assignment of loans, and the nightly snapshots."""

from portfolios.services.assigning import assign_portfolios
from portfolios.services.defining import Conditions, close_portfolio, end_rule, open_portfolio, set_rule
from portfolios.services.snapshots import correct_snapshots, sum_up, take_snapshot

__all__ = [
    "Conditions",
    "assign_portfolios",
    "close_portfolio",
    "correct_snapshots",
    "end_rule",
    "open_portfolio",
    "set_rule",
    "sum_up",
    "take_snapshot",
]
