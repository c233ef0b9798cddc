"""What people decided not to ask for."""

from django.db import models
from django.db.models import Q

from common.money import ZERO
from loans.models import Loan
from tenants.history import AppendOnly


class Waiver(AppendOnly):
    """Interest or a fee that is not asked for any more; its movement in the sub-ledger bears the fee's reference."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    waived_on = models.DateField()
    #: The fee's reference; empty for interest.
    fee = models.CharField(max_length=64, blank=True)
    fees = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    interest = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    reason = models.CharField(max_length=200)
    posted_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="payments_waiver_is_of_one_kind",
                condition=Q(fees__gt=0, interest=0) & ~Q(fee="") | Q(fees=0, interest__gt=0, fee=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.fees + self.interest} on {self.waived_on}"
