"""What changes loans."""

from loans.services.accrual import accrue_interest

__all__ = ["accrue_interest"]
