"""Money that comes in: payments and what took them back, series that repeat, and drafts from bank accounts."""

from payments.models.autopay import Attempt, AttemptReturn, Autopay, BankAccount, Company, Poll
from payments.models.payment import Payment, PaymentReversal
from payments.models.series import Series, SeriesInstance, SeriesPause
from payments.models.waiver import Waiver

__all__ = [
    "Attempt",
    "AttemptReturn",
    "Autopay",
    "BankAccount",
    "Company",
    "Payment",
    "PaymentReversal",
    "Poll",
    "Series",
    "SeriesInstance",
    "SeriesPause",
    "Waiver",
]
