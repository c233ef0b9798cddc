"""What assesses fees, and takes them back when they were never due."""

from fees.services.definitions import define_fee, end_fee
from fees.services.late import assess_late_fees
from fees.services.reversing import reverse_fees_paid_in_time
from fees.services.scheduled import assess_scheduled_fees

__all__ = [
    "assess_late_fees",
    "assess_scheduled_fees",
    "define_fee",
    "end_fee",
    "reverse_fees_paid_in_time",
]
