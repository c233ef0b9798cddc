"""Payments that repeat by a rule, as a customer scheduled them."""

from django.db import models
from django.db.models import F, Q

from loans.models import Loan
from payments.models.payment import Payment
from tenants.history import AppendOnly


class Series(models.Model):
    """A payment that repeats. Its instances follow from the anchor alone, so missed nights cannot make them drift."""

    class Frequency(models.TextChoices):
        WEEKLY = "weekly"
        BIWEEKLY = "biweekly", "every 14 days"
        MONTHLY = "monthly", "on the anchor's day of the month, or the month's last where it is shorter"
        LAST_DAY = "last day", "on the last day of every month"

    class Roll(models.TextChoices):
        """What becomes of an instance that falls due on no banking day."""

        NONE = "none", "it is paid all the same"
        FOLLOWING = "following", "it is paid on the next banking day"
        PRECEDING = "preceding", "it is paid on the last banking day before"

    natural_key = ("loan", "reference")

    reference = models.CharField(max_length=40, unique=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    frequency = models.CharField(max_length=8, choices=Frequency)
    #: A due date, from which all others are counted; one of the past does, for none is due before `starts_on`.
    anchor = models.DateField()
    starts_on = models.DateField()
    roll = models.CharField(max_length=9, choices=Roll, default=Roll.FOLLOWING)
    #: The last day on which an instance may be due, and how many there are at most from the anchor on, paused ones too.
    ends_on = models.DateField(null=True, blank=True)
    ends_after = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.CheckConstraint(
                name="payments_series_is_possible",
                condition=Q(amount__gt=0) & (Q(ends_after=None) | Q(ends_after__gt=0)),
            )
        ]

    def __str__(self) -> str:
        return self.reference


class SeriesPause(models.Model):
    """A stretch whose instances are left out; they count all the same."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="pauses")
    starts_on = models.DateField()
    #: The last day, included; none while nobody knows.
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="payments_pause_is_possible", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.series_id} from {self.starts_on}"


class SeriesInstance(AppendOnly):
    """One due date of a series: the payment that was made of it, or why there was none."""

    series = models.ForeignKey(Series, on_delete=models.PROTECT, db_index=False, related_name="instances")
    due_date = models.DateField()
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True)
    #: Why no payment was made.
    skipped = models.CharField(max_length=80, blank=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "due_date"], name="payments_instance_key"),
            models.CheckConstraint(
                name="payments_instance_is_paid_or_skipped",
                condition=Q(payment=None) ^ Q(skipped=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} due {self.due_date}"
