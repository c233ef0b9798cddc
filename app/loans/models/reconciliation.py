"""What the reconciliation of the general ledger found, night by night."""

from django.db import models

from tenants.history import AppendOnly


class Reconciliation(AppendOnly):
    """One comparison of sub-ledger and general ledger, of all lines dated up to the business date."""

    business_date = models.DateField(unique=True)
    #: Debits and credits of the trial balance.
    debits = models.DecimalField(max_digits=20, decimal_places=2)
    credits = models.DecimalField(max_digits=20, decimal_places=2)
    due_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"of {self.business_date}"


class Break(AppendOnly):
    """A difference between the two sides, for people to explain: nothing mends it by itself."""

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, related_name="breaks")
    account = models.CharField(max_length=3)
    #: The loan whose rows are to blame, the entry they belong to; empty where neither can be told.
    loan_number = models.CharField(max_length=40, blank=True)
    entry_id = models.BigIntegerField(null=True)
    sub_ledger = models.DecimalField(max_digits=20, decimal_places=2)
    general_ledger = models.DecimalField(max_digits=20, decimal_places=2)
    #: Business date of the first reconciliation that found it.
    since = models.DateField()

    def __str__(self) -> str:
        return f"{self.account} {self.loan_number} {self.general_ledger - self.sub_ledger}"
