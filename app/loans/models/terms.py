"""What is agreed: products, borrowers, loans, and how a loan ends."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from common.money import CENT, ZERO, Rounding
from common.sealing import SealedField
from loans.daycount import DayCount
from loans.identity import Identity, opened, sealed
from tenants.history import AppendOnly


class Waterfall(models.TextChoices):
    """In what order a payment is spent. Fees never age an instalment, whatever the order (settled rule 12)."""

    INSTALMENTS_FIRST = "instalments first", "the oldest instalment's interest, then its principal, …; fees last"
    INTEREST_FIRST = "interest first", "all interest due, then principal; fees last"
    FEES_FIRST = "fees first", "fees, then the oldest instalment's interest, its principal, …"


def default_bucket_bounds() -> list[int]:
    """Return the days from which the usual buckets begin."""
    return [1, 30, 60, 90, 120, 150, 180]


class Product(AppendOnly):
    """The terms that loans share. Loans go by it from day to day, so a changed product is a new one."""

    code = models.CharField(max_length=40, unique=True)
    day_count = models.CharField(max_length=12, choices=DayCount)
    rounding = models.CharField(max_length=9, choices=Rounding, default=Rounding.HALF_EVEN)
    waterfall = models.CharField(max_length=20, choices=Waterfall, default=Waterfall.INSTALMENTS_FIRST)
    #: From so many days past due on, no more interest is earned; never when None (settled rule 13).
    non_accrual_dpd = models.PositiveSmallIntegerField(null=True)

    #: Subtracted from the days past due before a bucket is chosen (settled rule 2).
    delinquency_grace = models.PositiveSmallIntegerField(default=0)
    #: So many dollars may be missing of what is due, and it still counts as covered.
    tolerance = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    #: The first delinquent day of each bucket, ascending.
    bucket_bounds = ArrayField(models.PositiveSmallIntegerField(), default=default_bucket_bounds)
    #: Days past due at which a loan is in default, and at which it is charged off; never when None. The defaults are
    #: those of closed-end retail credit (OCC Bulletin 2000-20: substandard at 90 days, loss at 120).
    default_dpd = models.PositiveSmallIntegerField(null=True, default=90)
    charge_off_dpd = models.PositiveSmallIntegerField(null=True, default=120)

    #: Days after the due date within which a payment is on time, as far as late fees go.
    late_fee_grace = models.PositiveSmallIntegerField(default=15)
    #: The late fee: `flat` plus `rate` of the instalment's part that is past due, at least `min`, at most `max`.
    late_fee_flat = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    late_fee_rate = models.DecimalField(max_digits=9, decimal_places=8, default=0)
    late_fee_min = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    late_fee_max = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    #: No fee while less than this is missing of the instalment.
    late_fee_threshold = models.DecimalField(max_digits=14, decimal_places=2, default=CENT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="loans_product_is_possible",
                condition=Q(
                    tolerance__gte=0,
                    late_fee_flat__gte=0,
                    late_fee_rate__range=(0, 1),
                    late_fee_min__gte=0,
                    late_fee_threshold__gt=0,
                )
                & (Q(late_fee_max=None) | Q(late_fee_max__gte=F("late_fee_min"))),
            )
        ]

    def __str__(self) -> str:
        return self.code


class Borrower(models.Model):
    """Who owes; a tape need not say more than that somebody does."""

    #: The source's own key of the borrower, or the loan's number where it has none.
    reference = models.CharField(max_length=40, unique=True)
    #: `loans.identity.sealed`; no bytes when nothing is known. SQL that needs a name selects it and opens it.
    sealed_identity = SealedField(db_column="identity", default=b"")
    #: In the clear, for fee caps and calling hours; the identity's state is that of the address.
    state = models.CharField(max_length=2)

    def __str__(self) -> str:
        return self.reference

    @property
    def identity(self) -> Identity:
        """Who it is, opened each time it is asked for."""
        return opened(self.sealed_identity)

    @identity.setter
    def identity(self, identity: Identity) -> None:
        self.sealed_identity = sealed(identity)


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


class Closure(AppendOnly):
    """The end of a loan: the row of `closed_on` is its last accrual (settled rules 5 and 10)."""

    class Reason(models.TextChoices):
        FULLY_PAID = "fully paid"
        CHARGED_OFF = "charged off"

    updatable = ("reopened_on",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    closed_on = models.DateField(db_index=True)
    reason = models.CharField(max_length=11, choices=Reason)
    #: When the payment that closed it was taken back: the loan goes on as if it had not closed.
    reopened_on = models.DateField(null=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan"], condition=Q(reopened_on=None), name="loans_closure_key")
        ]

    def __str__(self) -> str:
        return f"{self.reason} on {self.closed_on}"
