"""Loans as the books know them: their terms, what changed since, and one row of interest for every day.

What has happened is append-only; `Loan` itself is never changed by a bulk job. A figure of a past day therefore
stays what it was, and a job that runs late reads what it would have read in time.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from common.money import Rounding
from ledger.models import JournalEntry
from loans.daycount import DayCount
from tenants.history import AppendOnly


class Product(AppendOnly):
    """The terms that loans share. Loans accrue by it from day to day, so a changed product is a new one."""

    code = models.CharField(max_length=40, unique=True)
    day_count = models.CharField(max_length=12, choices=DayCount)
    rounding = models.CharField(max_length=9, choices=Rounding, default=Rounding.HALF_EVEN)

    def __str__(self) -> str:
        return self.code


class Borrower(models.Model):
    """Who owes; a tape need not say more than that somebody does."""

    #: The source's own key of the borrower, or the loan's number where it has none.
    reference = models.CharField(max_length=40, unique=True)
    surname = models.CharField(max_length=80, blank=True)
    first_name = models.CharField(max_length=80, blank=True)
    ssn = models.CharField(max_length=9, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=2)

    def __str__(self) -> str:
        return self.reference


class Loan(models.Model):
    """A loan as agreed; what happens to it later is in the rows that point to it."""

    number = models.CharField(max_length=40, unique=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT)
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    original_principal = models.DecimalField(max_digits=14, decimal_places=2)
    term_months = models.PositiveSmallIntegerField()
    #: The level payment as agreed, principal and interest.
    payment = models.DecimalField(max_digits=14, decimal_places=2)
    originated_on = models.DateField()
    #: Anchors the monthly grid of due dates and interest periods (`loans.grid`).
    first_due = models.DateField()
    #: Interest is due for the days after this date; none on a loan that was closed when we got it.
    accrues_from = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="loans_loan_is_possible",
                condition=Q(
                    original_principal__gt=0,
                    payment__gt=0,
                    term_months__gt=0,
                    first_due__gt=F("originated_on"),
                ),
            ),
            models.CheckConstraint(
                name="loans_loan_accrues_once_originated",
                condition=Q(accrues_from=None) | Q(accrues_from__gte=F("originated_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RateSegment(AppendOnly):
    """An annual rate, in force until the next segment: it prices the days after `effective_from` (settled rule 6)."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    effective_from = models.DateField()
    #: A fraction of one a year: 7 % is 0.07.
    rate = models.DecimalField(max_digits=9, decimal_places=8)

    class Meta:
        constraints = [
            # The rate is read from this index alone.
            models.UniqueConstraint(fields=["loan", "effective_from"], include=["rate"], name="loans_ratesegment_key")
        ]

    def __str__(self) -> str:
        return f"{self.rate} from {self.effective_from}"


class Closure(AppendOnly):
    """The end of a loan: the row of `closed_on` is its last accrual (settled rules 5 and 10)."""

    class Reason(models.TextChoices):
        FULLY_PAID = "fully paid"
        CHARGED_OFF = "charged off"

    loan = models.OneToOneField(Loan, on_delete=models.PROTECT)
    closed_on = models.DateField(db_index=True)
    reason = models.CharField(max_length=11, choices=Reason)

    def __str__(self) -> str:
        return f"{self.reason} on {self.closed_on}"


class Instalment(models.Model):
    """A payment as scheduled: what is planned, not what happened."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    #: Counted from origination; those settled before we got the loan are not kept.
    number = models.PositiveSmallIntegerField()
    period_start = models.DateField()
    due_date = models.DateField()
    principal = models.DecimalField(max_digits=14, decimal_places=2)
    interest = models.DecimalField(max_digits=14, decimal_places=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["loan", "number"], name="loans_instalment_key")]

    def __str__(self) -> str:
        return f"{self.number} due {self.due_date}"


class Transaction(AppendOnly):
    """A movement of a loan's principal in the sub-ledger, booked by its journal entry."""

    class Kind(models.TextChoices):
        BOARDING = "boarding"

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=Kind)
    #: The principal has changed at the close of this day, so the next day's interest is the first to see it.
    effective_date = models.DateField()
    #: Added to what is owed; repayments are negative.
    principal = models.DecimalField(max_digits=14, decimal_places=2)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT)

    class Meta:
        # Every night reads the movements of one day.
        indexes = [models.Index(fields=["effective_date", "loan"], name="loans_transaction_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.principal} on {self.effective_date}"


class Accrual(AppendOnly):
    """The interest of one loan for one day, D-1 → D, zero included; with all that it was computed from.

    `amount` is what the cents of the open period's interest grew by: `cumulative` less the previous row's. So the
    rows of a period add up to its interest exactly, and a row needs only the one before it.
    """

    class Component(models.TextChoices):
        INTEREST = "interest"

    # No foreign keys in the database: checking two of them costs more than the row (a million rows a night). The
    # rows are selected from the tables they point to, whose own rows nobody may delete: entries are append-only,
    # and a loan is held by the rate segment without which it does not accrue. The widest figures hold the interest of
    # the largest principal at the highest rate over the longest period: no loan can stop a night by overflow.
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    accrual_date = models.DateField()
    component = models.CharField(max_length=8, choices=Component)
    #: At the close of the day before.
    principal = models.DecimalField(max_digits=14, decimal_places=2)
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
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # The date comes first: a night then fills the index's right edge and reads it in one stretch. With the
            # loan first, it would touch every page of an index that holds years.
            models.UniqueConstraint(fields=["accrual_date", "loan", "component"], name="loans_accrual_key"),
            models.CheckConstraint(
                name="loans_accrual_is_in_its_period",
                condition=Q(accrual_date__gt=F("period_start"), accrual_date__lte=F("period_end")),
            ),
        ]
        # From an entry to its rows: they lie together, in the order they were written.
        indexes = [BrinIndex(fields=["entry"], name="loans_accrual_entry")]

    def __str__(self) -> str:
        return f"{self.amount} on {self.accrual_date}"


class TapeRow(AppendOnly):
    """A line of the tape a loan came with: the proof of what was transferred, and the memo of what was paid before."""

    loan_number = models.CharField(max_length=40, primary_key=True)
    line = models.PositiveIntegerField()
    #: The day of the servicing transfer.
    as_of = models.DateField()
    #: Digest of the line's values: the same line boards once, another one for the same loan is refused.
    fingerprint = models.UUIDField()
    #: Due date of the oldest unpaid instalment at the transfer; none when the loan was closed.
    oldest_due = models.DateField(null=True)
    surname = models.CharField(max_length=80)
    first_name = models.CharField(max_length=80)
    ssn = models.CharField(max_length=9)
    birth_date = models.DateField(null=True)
    state = models.CharField(max_length=2)
    homeownership = models.CharField(max_length=20)
    annual_income = models.DecimalField(max_digits=14, decimal_places=2)
    loan_purpose = models.CharField(max_length=40)
    application_type = models.CharField(max_length=20)
    loan_amount = models.DecimalField(max_digits=14, decimal_places=2)
    term = models.PositiveSmallIntegerField()
    #: Percent a year.
    interest_rate = models.DecimalField(max_digits=8, decimal_places=6)
    installment = models.DecimalField(max_digits=14, decimal_places=2)
    grade = models.CharField(max_length=2)
    sub_grade = models.CharField(max_length=3)
    issued_on = models.DateField()
    loan_status = models.CharField(max_length=20)
    disbursement_method = models.CharField(max_length=20)
    balance = models.DecimalField(max_digits=14, decimal_places=2)
    # Memo figures, kept as published; some have more than two decimals.
    paid_total = models.DecimalField(max_digits=30, decimal_places=14)
    paid_principal = models.DecimalField(max_digits=30, decimal_places=14)
    paid_interest = models.DecimalField(max_digits=30, decimal_places=14)
    paid_late_fees = models.DecimalField(max_digits=30, decimal_places=14)

    def __str__(self) -> str:
        return f"{self.loan_number} as of {self.as_of}"
