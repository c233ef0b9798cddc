"""What the reconciliation of the general ledger found, night by night."""

from django.db import models

from ledger.models import JournalEntry
from tenants.history import AppendOnly


class Reconciliation(AppendOnly):
    """One comparison of sub-ledger and general ledger, of all that is dated up to the business date."""

    business_date = models.DateField(unique=True)
    #: Debits less credits of the trial balance. Anything but 0 means that the database's own check was got around.
    imbalance = models.DecimalField(max_digits=20, decimal_places=2)
    #: The newest entry it saw: the next one looks at the rows of later ones.
    last_entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    run_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"of {self.business_date}"


class Break(AppendOnly):
    """A difference for people to explain; nothing mends it by itself. It is closed when no later night finds it."""

    class What(models.TextChoices):
        """Which two figures differ: what is expected, then what is found."""

        ENTRY = "entry", "what the entry's rows come to, and its lines on the account"
        PRINCIPAL = "principal", "what the movements come to, and the principal that interest was computed on"
        CUMULATIVE = "cumulative", "the period's interest to date computed again, and as written"
        AMOUNT = "amount", "what the period's interest grew by, and the day's amount"
        ACCRUED = "accrued", "the sum of the days' amounts, and the running total"
        BOARDED = "boarded", "the tape's balance, and the principal that was boarded"

    reconciliation = models.ForeignKey(Reconciliation, on_delete=models.PROTECT, related_name="breaks")
    what = models.CharField(max_length=10, choices=What)
    account = models.CharField(max_length=3)
    #: The entry that is wrong, or that the wrong row belongs to; the row may name one that is not there.
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, db_constraint=False)
    #: The loan to blame; empty where the entry sums up many and their rows are in order.
    loan_number = models.CharField(max_length=40, blank=True)
    #: Dollars, debits less credits.
    expected = models.DecimalField(max_digits=20, decimal_places=2)
    found = models.DecimalField(max_digits=20, decimal_places=2)
    #: Business date of the first of the reconciliations in a row that found it.
    since = models.DateField()

    def __str__(self) -> str:
        return f"{self.account} {self.loan_number} {self.found - self.expected} since {self.since}"
