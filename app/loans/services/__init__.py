"""What changes loans."""

from loans.services.accrual import accrue_interest
from loans.services.correction import reaccrue, reprice, reverse_accruals

__all__ = ["accrue_interest", "reaccrue", "reprice", "reverse_accruals"]
