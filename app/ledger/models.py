"""The general ledger: a chart of accounts, entries whose lines balance and never change, and the months they are in."""

from datetime import date, timedelta

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


class AccountingPeriod(models.Model):
    """A calendar month of the books. Triggers refuse an entry dated in a closed one or before, and its reopening."""

    class Status(models.TextChoices):
        OPEN = "open"
        ENDED = "ended", "ended: its last day is over, and it may be closed"
        CLOSED = "closed"

    #: The first of the month.
    starts_on = models.DateField(unique=True)
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    #: The business date of its closing.
    closed_on = models.DateField(null=True)

    class Meta:
        ordering = ["starts_on"]
        constraints = [
            models.CheckConstraint(name="ledger_period_is_a_month", condition=models.Q(starts_on__day=1)),
            models.CheckConstraint(
                name="ledger_period_closed_has_a_date",
                condition=models.Q(status="closed", closed_on__isnull=False)
                | models.Q(status__in=["open", "ended"], closed_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on:%Y-%m} {self.status}"

    @property
    def next_starts_on(self) -> date:
        """The first day that is not in it."""
        return (self.starts_on + timedelta(days=31)).replace(day=1)


class PeriodBalance(AppendOnly):
    """What an account stood at when a month was closed; what comes later is counted from here."""

    period = models.ForeignKey(AccountingPeriod, on_delete=models.PROTECT, related_name="balances")
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    #: All that was ever debited and credited, through the month's last day.
    debit = models.DecimalField(max_digits=20, decimal_places=2)
    credit = models.DecimalField(max_digits=20, decimal_places=2)
    #: What the sub-ledger's rows came to, debits less credits.
    sub_ledger = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["period", "account"], name="ledger_periodbalance_key"),
            models.CheckConstraint(
                name="ledger_periodbalance_is_reconciled",
                condition=models.Q(sub_ledger=models.F("debit") - models.F("credit")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.sub_ledger} at the end of {self.period.starts_on:%Y-%m}"


class JournalEntry(AppendOnly):
    """One booking; the rows it sums up point to it."""

    natural_key = ("entry_date", "kind")

    #: The processing date: the run's business date, also of what belongs to an earlier day (settled rule 14).
    entry_date = models.DateField()
    #: What was booked, e.g. `interest-accrual`.
    kind = models.CharField(max_length=40)
    #: The entry whose lines this one repeats on the other sides; nothing is ever taken off the books.
    mirrors = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="mirror")
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

    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
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
