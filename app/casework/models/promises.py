"""What borrowers promise to pay, and what became of each promise."""

from django.db import models
from django.db.models import F, Q

from common.money import ZERO
from loans.models import Loan
from tenants.history import AppendOnly


class Promise(AppendOnly):
    """A sum that a borrower promised to pay by a day; who keeps it a few days late has kept it."""

    class Status(models.TextChoices):
        OPEN = "open"
        KEPT = "kept"
        PARTIAL = "partial", "a part was paid"
        BROKEN = "broken", "nothing was paid"
        WITHDRAWN = "withdrawn", "taken back by whoever entered it"

    updatable = ("status", "paid", "kept_on", "decided_on", "due_at")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    #: Payments that count from this day on count for it.
    made_on = models.DateField()
    due_on = models.DateField()
    #: So many days after `due_on` a payment is still in time (settled rule 19).
    tolerance_days = models.PositiveSmallIntegerField(default=0)
    made_by = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.OPEN)
    #: What came in for it, in time and in dollars; known once it is decided.
    paid = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    #: Effective date of the payment with which the whole sum was there.
    kept_on = models.DateField(null=True)
    #: The business date that found it kept or not, or that it was withdrawn on.
    decided_on = models.DateField(null=True)
    #: When the deciding run's window was due; none when decided by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "made_on", "due_on"], condition=~Q(status="withdrawn"), name="casework_promise_key"
            ),
            models.CheckConstraint(
                name="casework_promise_is_possible", condition=Q(amount__gt=0, due_on__gte=F("made_on"))
            ),
            models.CheckConstraint(
                name="casework_promise_is_decided_or_open",
                condition=Q(status="open", decided_on=None) | (~Q(status="open") & Q(decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="casework_promise_is_kept_on_a_day",
                condition=Q(status="kept", kept_on__isnull=False) | (~Q(status="kept") & Q(kept_on=None)),
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(status="open"), name="casework_promise_open")]

    def __str__(self) -> str:
        return f"{self.amount} by {self.due_on}"
