"""What changes loans."""

from loans.services.accrual import accrue_interest
from loans.services.correction import reaccrue, reprice, reverse_accruals
from loans.services.disbursement import disburse
from loans.services.forbearance import extend_forbearance, grant_forbearance
from loans.services.forbearance_expiry import check_forbearance_expiry
from loans.services.promos import check_promo_expirations, end_promo, grant_promo
from loans.services.variable_rates import adjust_variable_rates

__all__ = [
    "accrue_interest",
    "adjust_variable_rates",
    "check_forbearance_expiry",
    "check_promo_expirations",
    "disburse",
    "end_promo",
    "extend_forbearance",
    "grant_forbearance",
    "grant_promo",
    "reaccrue",
    "reprice",
    "reverse_accruals",
]
