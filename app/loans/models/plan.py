"""The instalments of a loan, and since when payments cover them."""

from django.db import models
from django.db.models import Q

from loans.models.terms import Loan


class Instalment(models.Model):
    """A payment as scheduled: what is planned, and since when payments cover it.

    Payments cover instalments in their order: an instalment is covered when the interest and principal paid reach
    `due_through`. What a fee takes of a payment covers nothing. The last one is covered only when nothing is owed.
    """

    natural_key = ("loan", "number")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    #: Counted from origination; those settled before we got the loan are not kept.
    number = models.PositiveSmallIntegerField()
    period_start = models.DateField()
    due_date = models.DateField()
    principal = models.DecimalField(max_digits=14, decimal_places=2)
    interest = models.DecimalField(max_digits=14, decimal_places=2)
    #: This instalment and all before it that are kept, principal and interest.
    due_through = models.DecimalField(max_digits=14, decimal_places=2)
    #: The business date of the plan that replaced it, e.g. at a new rate; only instalments not yet due are replaced.
    superseded_on = models.DateField(null=True)
    #: Effective date of the payment that covered it; it is covered for the nights after. `Reopening` has the stretches
    #: of earlier payments that were taken back.
    settled_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "number"], condition=Q(superseded_on=None), name="loans_instalment_key"
            )
        ]
        indexes = [
            # What is past due is found from here, without looking at what was paid or is still to come.
            models.Index(
                fields=["due_date", "loan"],
                condition=Q(settled_on=None, superseded_on=None),
                name="loans_instalment_open",
            ),
            models.Index(fields=["settled_on"], name="loans_instalment_settled"),
            models.Index(
                fields=["superseded_on"], condition=Q(superseded_on__isnull=False), name="loans_instalment_replaced"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} due {self.due_date}"


class Reopening(models.Model):
    """A stretch in which an instalment was covered, until the payment was taken back; like `settled_on` a conclusion.

    What is paid into the past may change it, so it is written anew (`loans.services.coverage`).
    """

    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT)
    settled_on = models.DateField()
    #: Effective date of the reversal: the instalment is open again for the nights after.
    reopened_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.instalment_id} covered from {self.settled_on} to {self.reopened_on}"
