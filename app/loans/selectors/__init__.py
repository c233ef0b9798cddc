"""What the books say about loans."""

from loans.selectors.accruals import behind, first_missing_day, last_accrued, loan_ids
from loans.selectors.activity import Activity, activity
from loans.selectors.balances import Balances, balances
from loans.selectors.rates import rates_in_force
from loans.selectors.totals import Totals, totals

__all__ = [
    "Activity",
    "Balances",
    "Totals",
    "activity",
    "balances",
    "behind",
    "first_missing_day",
    "last_accrued",
    "loan_ids",
    "rates_in_force",
    "totals",
]
