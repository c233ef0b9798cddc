"""What changes loans."""

from loans.services.accrual import accrue_interest
from loans.services.correction import reaccrue, reprice, reverse_accruals
from loans.services.disbursement import disburse
from loans.services.variable_rates import adjust_variable_rates

__all__ = ["accrue_interest", "adjust_variable_rates", "disburse", "reaccrue", "reprice", "reverse_accruals"]
