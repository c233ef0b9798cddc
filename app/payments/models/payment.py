"""Payments as they came in, and as they were taken back; how they were spent is in the loans' movements."""

from django.db import models

from loans.models import Loan
from tenants.history import AppendOnly


class Payment(AppendOnly):
    """Money that came in for a loan. Its movement in the sub-ledger bears its reference."""

    class Source(models.TextChoices):
        ONLINE = "online", "posted by people or a portal"
        RECURRING = "recurring", "an instance of a series"
        AUTOPAY = "autopay", "drafted from the borrower's bank account"

    #: The idempotency key: whoever posts the same payment twice uses it twice.
    reference = models.CharField(max_length=64, unique=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    #: The day it counts for: it first changes the next day's interest (settled rule 5).
    effective_date = models.DateField()
    source = models.CharField(max_length=10, choices=Source, default=Source.ONLINE)
    #: The business date on which it was posted; later than the effective date when it was backdated.
    posted_on = models.DateField()
    posted_by = models.CharField(max_length=80, blank=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="payments_payment_is_positive", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="payments_payment_is_not_of_the_future",
                condition=models.Q(effective_date__lte=models.F("posted_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class PaymentReversal(AppendOnly):
    """A payment taken back, e.g. because the bank returned it: a movement of its own, on a date of its own."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="taken_back")
    effective_date = models.DateField()
    #: A return code, or what people say.
    reason = models.CharField(max_length=200)
    posted_on = models.DateField()
    posted_by = models.CharField(max_length=80, blank=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="payments_reversal_is_not_of_the_future",
                condition=models.Q(effective_date__lte=models.F("posted_on")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.reason}"
