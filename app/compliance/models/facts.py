"""What operators tell of the business: in which states it is licensed, and which disputes are open."""

from django.db import models
from django.db.models import F, Q

from loans.models import Loan


class Licence(models.Model):
    """A state's permission to lend or service; a renewal is a row of its own."""

    state = models.CharField(max_length=2)
    number = models.CharField(max_length=40)
    starts_on = models.DateField()
    #: The last day.
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state", "number", "starts_on"], name="compliance_licence_key"),
            models.CheckConstraint(name="compliance_licence_is_possible", condition=Q(expires_on__gte=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.number} until {self.expires_on}"


class Dispute(models.Model):
    """A consumer's dispute of what is reported or owed, and when it was answered."""

    reference = models.CharField(max_length=40, unique=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    received_on = models.DateField()
    #: The last day for the answer.
    due_on = models.DateField()
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="compliance_dispute_is_possible",
                condition=Q(due_on__gte=F("received_on"))
                & (Q(answered_on=None) | Q(answered_on__gte=F("received_on"))),
            )
        ]

    def __str__(self) -> str:
        return self.reference
