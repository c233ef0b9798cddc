"""What a loan earns, and when: rates, promotions, indices, and the stretches in which it earns nothing."""

from django.db import models
from django.db.models import F, Q

from loans.models.terms import Loan
from tenants.history import AppendOnly


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


class Promo(AppendOnly):
    """A better rate for a while. `daily-promo-expirations` ends it; its rate segment begins with it."""

    class Kind(models.TextChoices):
        RATE = "rate", "a lower rate"
        DEFERRED_INTEREST = "deferred interest", "no interest if the loan is paid by the end, else all of it"

    updatable = ("ended_on",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.RATE)
    #: While it lasts; a fraction of one a year.
    rate = models.DecimalField(max_digits=9, decimal_places=8)
    #: What the loan earns when no promotion is in force.
    standard_rate = models.DecimalField(max_digits=9, decimal_places=8)
    starts_on = models.DateField()
    #: The last day, included.
    ends_on = models.DateField()
    #: The business date it was ended, at its end or before it; the standard rate prices the days after.
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "starts_on", "ends_on"], name="loans_promo_key"),
            models.CheckConstraint(name="loans_promo_is_possible", condition=Q(ends_on__gte=F("starts_on"))),
        ]
        indexes = [models.Index(fields=["ends_on"], condition=Q(ended_on=None), name="loans_promo_running")]

    def __str__(self) -> str:
        return f"{self.rate} from {self.starts_on} to {self.ends_on}"


class Forbearance(AppendOnly):
    """A stretch in which nobody asks for payment: days past due pause, and interest too unless it accrues."""

    class Arrears(models.TextChoices):
        """What becomes at the end of the interest that was not paid."""

        LUMP = "lump", "it is due at once"
        CAPITALISE = "capitalise", "it becomes principal"
        DEFER = "defer", "it is due at maturity"

    updatable = ("ends_on", "ended_on")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    starts_on = models.DateField()
    #: The last day, included; an extension moves it.
    ends_on = models.DateField()
    accrues = models.BooleanField(default=True)
    arrears = models.CharField(max_length=10, choices=Arrears, default=Arrears.LUMP)
    #: The business date on which `daily-forbearance-expiry-check` ended it.
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "starts_on"], name="loans_forbearance_key"),
            models.CheckConstraint(name="loans_forbearance_is_possible", condition=Q(ends_on__gte=F("starts_on"))),
        ]
        indexes = [models.Index(fields=["ends_on"], condition=Q(ended_on=None), name="loans_forbearance_running")]

    def __str__(self) -> str:
        return f"from {self.starts_on} to {self.ends_on}"


class NonAccrual(AppendOnly):
    """A stretch in which a loan so far past due earns nothing: the days after `starts_on`, through `ended_on`."""

    updatable = ("ended_on",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    #: The business date on which the days past due reached the product's limit: the next day's row is the first of 0.
    starts_on = models.DateField()
    #: The business date on which the loan was current again.
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan"], condition=Q(ended_on=None), name="loans_nonaccrual_key")
        ]

    def __str__(self) -> str:
        return f"from {self.starts_on}"


class RateIndex(models.Model):
    """A published rate that others follow, e.g. SOFR."""

    code = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.code


class IndexValue(AppendOnly):
    """What an index was on a day it was published; a fraction of one a year."""

    index = models.ForeignKey(RateIndex, on_delete=models.PROTECT, db_index=False)
    published_on = models.DateField()
    value = models.DecimalField(max_digits=9, decimal_places=8)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["index", "published_on"], name="loans_indexvalue_key")]

    def __str__(self) -> str:
        return f"{self.value} on {self.published_on}"


class VariableTerms(AppendOnly):
    """How a variable-rate loan follows its index. All rates are fractions of one a year."""

    loan = models.OneToOneField(Loan, on_delete=models.PROTECT)
    index = models.ForeignKey(RateIndex, on_delete=models.PROTECT)
    margin = models.DecimalField(max_digits=9, decimal_places=8)
    #: Days before the reset at which the index is read.
    look_back_days = models.PositiveSmallIntegerField(default=45)
    #: The nearest multiple is taken, a tie upwards; 0 for none.
    rounding_step = models.DecimalField(max_digits=9, decimal_places=8, default=0)
    #: The most that the first reset, and any other, moves the rate.
    initial_cap = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    periodic_cap = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    #: The most that the rate is ever above the first one.
    life_cap = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    floor = models.DecimalField(max_digits=9, decimal_places=8, default=0)
    first_reset = models.DateField()
    reset_months = models.PositiveSmallIntegerField(default=12)
    #: An index older than this at the look-back date is missing, not reused.
    stale_days = models.PositiveSmallIntegerField(default=10)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="loans_variableterms_are_possible", condition=Q(reset_months__gt=0, rounding_step__gte=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.index_id} + {self.margin}"


class RateReset(AppendOnly):
    """One adjustment of a variable rate, fixed at its look-back date, also when nothing changed."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    reset_on = models.DateField()
    #: The look-back date, and the value in force then.
    fixed_on = models.DateField()
    index_value = models.ForeignKey(IndexValue, on_delete=models.PROTECT)
    previous_rate = models.DecimalField(max_digits=9, decimal_places=8)
    #: Index plus margin, rounded, before the caps.
    fully_indexed = models.DecimalField(max_digits=9, decimal_places=8)
    rate = models.DecimalField(max_digits=9, decimal_places=8)
    #: The level payment from the first instalment after the reset on.
    payment = models.DecimalField(max_digits=14, decimal_places=2)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["loan", "reset_on"], name="loans_ratereset_key")]

    def __str__(self) -> str:
        return f"{self.rate} from {self.reset_on}"


class Notice(AppendOnly):
    """Something the borrower must be told; the documents' and dunning jobs deliver it."""

    class Kind(models.TextChoices):
        PROMO_ENDED = "promo ended"
        RATE_CHANGE = "rate change"
        FORBEARANCE_ENDING = "forbearance ending"
        FORBEARANCE_ENDED = "forbearance ended"

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    #: The business date that wrote it.
    noticed_on = models.DateField(db_index=True)
    #: The day it is about: the reset, the promotion's or the forbearance's last day.
    about = models.DateField()
    details = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["loan", "kind", "about"], name="loans_notice_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
