"""The sub-ledger: every movement of a loan's balances, and one row of interest for every day."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from common.money import ZERO
from ledger.models import JournalEntry
from loans.models.terms import Loan
from tenants.history import AppendOnly


class Transaction(AppendOnly):
    """A movement of a loan's balances in the sub-ledger, booked by its journal entry (`loans.services.booking`).

    A payment taken back is a movement of its own, the other way. A movement that a replay puts another one in the
    place of, because a payment came in with an earlier date, has the `reversal` that mirrors its entry: it counts no
    longer, and neither does the mirror.
    """

    class Kind(models.TextChoices):
        BOARDING = "boarding"
        DISBURSEMENT = "disbursement"
        PAYMENT = "payment"
        PAYMENT_REVERSAL = "payment reversal"
        FEE = "fee"
        FEE_REVERSAL = "fee reversal"
        WAIVER = "waiver"
        CAPITALISATION = "capitalisation"
        DEFERRED_INTEREST = "deferred interest"
        CHARGE_OFF = "charge-off"

    natural_key = ("loan", "kind", "effective_date", "reference")
    updatable = ("reversal",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=Kind)
    #: The principal has changed at the close of this day, so the next day's interest is the first to see it.
    effective_date = models.DateField()
    #: Added to what is owed; repayments are negative. Interest does not have the daily accruals, which are rows.
    principal = models.DecimalField(max_digits=14, decimal_places=2)
    interest = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    fees = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    #: Added to what we owe the borrower: what was paid beyond the loan's end.
    overpaid = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    #: What came in on a loan after its charge-off.
    recovered = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    #: What caused it, as its own table names it: the payment's reference, the fee's.
    reference = models.CharField(max_length=64, blank=True)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, db_constraint=False)
    reversal = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # Every night reads the movements of one day.
            models.Index(fields=["effective_date", "loan"], name="loans_transaction_day"),
            models.Index(fields=["reference"], condition=~Q(reference=""), name="loans_transaction_reference"),
            # From an entry to the rows it took back, of which there are few.
            models.Index(fields=["reversal"], condition=~Q(reversal=None), name="loans_transaction_reversal"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.principal} on {self.effective_date}"


class Accrual(AppendOnly):
    """The interest of one loan for one day, D-1 → D, zero included; with all that it was computed from.

    `amount` is what the cents of the open period's interest grew by: `cumulative` less the previous row's. So the
    rows of a period add up to its interest exactly, and a row needs only the one before it.

    When a payment comes in with an earlier date, the rows after it get the `reversal` that mirrors what was booked,
    and the days are written anew: a day has one row without a reversal.
    """

    class Component(models.TextChoices):
        INTEREST = "interest"

    updatable = ("reversal",)

    # No foreign keys in the database: checking two of them costs more than the row (a million rows a night). The
    # rows are selected from the tables they point to, whose own rows nobody may delete: entries are append-only,
    # and a loan is held by the rate segment without which it does not accrue. The widest figures hold the interest of
    # the largest principal at the highest rate over the longest period: no loan can stop a night by overflow.
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    reversal = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    accrual_date = models.DateField()
    component = models.CharField(max_length=8, choices=Component)
    #: At the close of the day before.
    principal = models.DecimalField(max_digits=14, decimal_places=2)
    #: The rate that was earned: 0 where forbearance or non-accrual stops it.
    rate = models.DecimalField(max_digits=9, decimal_places=8)
    #: The interest period: the days after the start, up to and including the end.
    period_start = models.DateField()
    period_end = models.DateField()
    #: The period's length as the convention counts it, e.g. 30.
    period_days = models.PositiveIntegerField()
    #: The sum of principal times rate (times the day's weight) over the open period's days.
    exposure = models.DecimalField(max_digits=34, decimal_places=10)
    #: The open period's interest to date, in cents.
    cumulative = models.DecimalField(max_digits=20, decimal_places=2)
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    #: The interest of all days so far: what is owed of it is told by the last row alone.
    accrued = models.DecimalField(max_digits=20, decimal_places=2)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # The date comes first: a night then fills the index's right edge and reads it in one stretch. With the
            # loan first, it would touch every page of an index that holds years.
            models.UniqueConstraint(
                fields=["accrual_date", "loan", "component"], condition=Q(reversal=None), name="loans_accrual_key"
            ),
            models.CheckConstraint(
                name="loans_accrual_is_in_its_period",
                condition=Q(accrual_date__gt=F("period_start"), accrual_date__lte=F("period_end")),
            ),
        ]
        # From an entry to its rows: they lie together, in the order they were written.
        indexes = [
            BrinIndex(fields=["entry"], name="loans_accrual_entry"),
            models.Index(fields=["reversal"], condition=~Q(reversal=None), name="loans_accrual_reversal"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} on {self.accrual_date}"
