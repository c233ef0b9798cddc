"""The general ledger: a chart of accounts, and entries whose lines balance and never change."""

from django.db import models

from ledger.accounts import Kind
from tenants.history import AppendOnly


class Account(models.Model):
    """An account of the chart, keyed by the code that jobs name it by."""

    code = models.CharField(max_length=3, primary_key=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=13, choices=Kind)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class JournalEntry(AppendOnly):
    """One booking; the rows it sums up point to it."""

    #: The processing date: the run's business date, also of what belongs to an earlier day (settled rule 14).
    entry_date = models.DateField()
    #: What was booked, e.g. `interest-accrual`.
    kind = models.CharField(max_length=40)
    #: The run that booked it, in the public schema's ledger of runs; none when done by hand.
    run_id = models.BigIntegerField(null=True)
    #: When that run's window was due; none when done by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "journal entries"
        indexes = [models.Index(fields=["entry_date"], name="ledger_entry_date")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.entry_date}"


class JournalLine(AppendOnly):
    """One side of an entry. A trigger refuses any statement that leaves an entry's lines out of balance."""

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    debit = models.DecimalField(max_digits=20, decimal_places=2)
    credit = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ledger_line_has_one_side",
                condition=models.Q(debit__gte=0, credit=0) | models.Q(debit=0, credit__gte=0),
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} Dr {self.debit} Cr {self.credit}"
