"""What writes the general ledger: entries, and the months they are dated in."""

from ledger.services.booking import Posting, open_entry, post, refuse_closed, reserve_entry
from ledger.services.periods import FrozenBalance, close_period, next_to_close, update_period_statuses

__all__ = [
    "FrozenBalance",
    "Posting",
    "close_period",
    "next_to_close",
    "open_entry",
    "post",
    "refuse_closed",
    "reserve_entry",
    "update_period_statuses",
]
