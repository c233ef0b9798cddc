"""How far behind loans are on any business date, whether its night has run or not."""

from delinquency.selectors.amounts import amounts_past_due, instalment_buckets
from delinquency.selectors.days import DAYS_PAST_DUE, DaysPastDue, days_past_due

__all__ = ["DAYS_PAST_DUE", "DaysPastDue", "amounts_past_due", "days_past_due", "instalment_buckets"]
