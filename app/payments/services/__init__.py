"""What posts payments, takes them back, quotes, waives and collects them."""

from payments.services.autopay import execute_autopay
from payments.services.payoff import PayoffQuote, payoff_quote
from payments.services.posting import post_payment, post_payments
from payments.services.recurring import process_recurring_payments
from payments.services.reversing import reverse_payment, reverse_payments
from payments.services.waiving import waive_fee, waive_interest

__all__ = [
    "PayoffQuote",
    "execute_autopay",
    "payoff_quote",
    "post_payment",
    "post_payments",
    "process_recurring_payments",
    "reverse_payment",
    "reverse_payments",
    "waive_fee",
    "waive_interest",
]
