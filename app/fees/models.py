"""Fees that were assessed, each once; what they come from, and what the law caps them at."""

from django.db import models
from django.db.models import F, Q

from loans.models import Instalment, Loan, Product
from tenants.history import AppendOnly

#: The type of the late fee; any other is the code of a definition.
LATE = "late"


class LateFeeCap(models.Model):
    """The most that a borrower's state lets a late fee be; both limits hold where there are two."""

    state = models.CharField(max_length=2, unique=True)
    max_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    #: A fraction of the part of the instalment that is past due.
    max_rate = models.DecimalField(max_digits=9, decimal_places=8, null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="fees_latefeecap_is_possible",
                condition=Q(max_amount__gte=0, max_rate=None)
                | Q(max_amount=None, max_rate__gte=0)
                | Q(max_amount__gte=0, max_rate__gte=0),
            )
        ]

    def __str__(self) -> str:
        return self.state


class FeeDefinition(AppendOnly):
    """A fee for every period, of a product's loans or of one loan, whose own replaces the product's of that code."""

    natural_key = ("code", "product", "loan", "starts_on")
    updatable = ("ends_on",)

    code = models.CharField(max_length=12)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, null=True)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    #: The length of a period: 1 for a monthly or servicing fee, 12 for an annual one.
    every_months = models.PositiveSmallIntegerField()
    #: Periods begin on its day, counted from it; on the loan's anniversaries when None.
    anchor = models.DateField(null=True)
    #: Whether a loan or a definition that begins within a period pays for the rest of it, by the day; else nothing.
    prorates = models.BooleanField(default=True)
    #: The first and the last day on which a period may begin, both included.
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "product"], condition=Q(ends_on=None), name="fees_feedefinition_of_product"
            ),
            models.UniqueConstraint(
                fields=["code", "loan"], condition=Q(ends_on=None), name="fees_feedefinition_of_loan"
            ),
            models.CheckConstraint(
                name="fees_feedefinition_is_possible",
                condition=Q(amount__gt=0, every_months__gt=0)
                & ~Q(code__in=["", LATE])
                & (Q(product=None, loan__isnull=False) | Q(product__isnull=False, loan=None))
                & (Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} from {self.starts_on}"


class Fee(AppendOnly):
    """A fee that was assessed; its movement in the sub-ledger bears the same reference.

    It stays where it is when it is waived. It is reversed when it turns out that it was never due.
    """

    updatable = ("reversed_on",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    #: What a late fee is for.
    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT, null=True, db_index=False)
    #: What a scheduled fee comes from, and the first day of its period, or of the part that is paid for.
    definition = models.ForeignKey(FeeDefinition, on_delete=models.PROTECT, null=True, db_index=False)
    period_start = models.DateField(null=True)
    #: `LATE`, or the definition's code.
    fee_type = models.CharField(max_length=12)
    #: The day it is due, whenever its night was done; the movement's effective date.
    assessed_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    reference = models.CharField(max_length=64)
    #: The processing date on which a payment made it undue that was effective in time.
    reversed_on = models.DateField(null=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Once for an instalment, for ever; a waived one counts, a reversed one does not (settled rule 11).
            models.UniqueConstraint(
                fields=["instalment", "fee_type"], condition=Q(reversed_on=None), name="fees_fee_of_instalment"
            ),
            models.UniqueConstraint(fields=["loan", "definition", "period_start"], name="fees_fee_of_period"),
            models.UniqueConstraint(fields=["reference"], condition=Q(reversed_on=None), name="fees_fee_reference"),
            models.CheckConstraint(
                name="fees_fee_is_possible",
                condition=Q(amount__gt=0)
                & (
                    Q(fee_type=LATE, instalment__isnull=False, definition=None, period_start=None)
                    | ~Q(fee_type=LATE)
                    & Q(instalment=None, definition__isnull=False, period_start__isnull=False, reversed_on=None)
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.reference
