"""What posts payments, takes them back and collects them."""

from payments.services.posting import post_payment, post_payments
from payments.services.reversing import reverse_payment, reverse_payments

__all__ = ["post_payment", "post_payments", "reverse_payment", "reverse_payments"]
