"""What borrowers who are behind are told, when and how: strategies as data, and every notice that came of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from casework.models.contact import Channel
from common.money import ZERO
from loans.models import Loan, Product
from tenants.history import AppendOnly


class Strategy(models.Model):
    """How the loans of a product are dunned; one without a product is for all that have none of their own."""

    code = models.CharField(max_length=40, unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True)
    #: Whom messages come from, e.g. `Acme Loans <service@acme.example>`.
    sender = models.CharField(max_length=200)
    #: How to opt out, in a sentence; every e-mail and text message must say it (12 CFR 1006.6(e)).
    opt_out = models.CharField(max_length=200)

    class Meta:
        verbose_name_plural = "strategies"
        constraints = [
            models.UniqueConstraint(fields=["product"], nulls_distinct=False, name="casework_strategy_of_product")
        ]

    def __str__(self) -> str:
        return self.code


class Step(AppendOnly):
    """A step of a strategy, whatever its versions: a loan gets it once in a delinquency."""

    natural_key = ("strategy", "name")

    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT, db_index=False)
    name = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["strategy", "name"], name="casework_step_key")]

    def __str__(self) -> str:
        return self.name


class StepVersion(AppendOnly):
    """What a step says and when it applies; a changed step is a new version."""

    natural_key = ("step", "version")
    updatable = ("ended_on",)

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="versions", db_index=False)
    version = models.PositiveSmallIntegerField()
    #: The days past due (`dpd`) on which it applies, both included; without an end when None.
    from_day = models.PositiveSmallIntegerField()
    to_day = models.PositiveSmallIntegerField(null=True)
    channel = models.CharField(max_length=6, choices=Channel)
    #: Django templates, rendered when the notice is sent.
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    #: Only loans of which at least so many dollars are past due.
    minimum = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    #: Only borrowers of these states; of all when empty.
    states = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    #: The nights after this day go by it, through the night of `ended_on`.
    defined_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "version"], name="casework_stepversion_key"),
            models.UniqueConstraint(fields=["step"], condition=Q(ended_on=None), name="casework_stepversion_current"),
            models.CheckConstraint(
                name="casework_stepversion_is_possible",
                condition=Q(from_day__gt=0, minimum__gte=0) & (Q(to_day=None) | Q(to_day__gte=F("from_day"))),
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"


class Notice(AppendOnly):
    """A step taken for a loan: decided by a night, delivered through the outbox when the borrower may be disturbed."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", "for the morning, or for a mail server"
        SENT = "sent"
        DROPPED = "dropped", "not sent, for a reason"

    natural_key = ("loan", "cycle", "step")
    updatable = ("outcome", "reason", "settled_on")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False, related_name="dunning_notices")
    #: The first business date of the delinquency: the next one is another cycle.
    cycle = models.DateField()
    step = models.ForeignKey(Step, on_delete=models.PROTECT, db_index=False)
    version = models.ForeignKey(StepVersion, on_delete=models.PROTECT)
    decided_on = models.DateField()
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.WAITING)
    #: Why it was dropped.
    reason = models.CharField(max_length=200, blank=True)
    #: The business date on which it was sent or dropped.
    settled_on = models.DateField(null=True)
    #: When the deciding run's window was due; none when decided by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "cycle", "step"], name="casework_notice_key"),
            models.UniqueConstraint(fields=["loan", "decided_on"], name="casework_notice_one_a_night"),
            models.CheckConstraint(
                name="casework_notice_is_waiting_or_settled",
                condition=Q(outcome="waiting", settled_on=None) | (~Q(outcome="waiting") & Q(settled_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="casework_notice_says_why",
                condition=(Q(outcome="dropped") & ~Q(reason="")) | ~Q(outcome="dropped"),
            ),
        ]
        indexes = [models.Index(fields=["decided_on"], name="casework_notice_night")]

    def __str__(self) -> str:
        return f"{self.step_id} of {self.decided_on}"


class Errand(AppendOnly):
    """A notice that a person or a vendor has to bring: a letter to post, a call to make.

    It has no text: that names the borrower, and is rendered when somebody opens it.
    """

    updatable = ("done_on", "done_by")

    notice = models.OneToOneField(Notice, on_delete=models.PROTECT)
    channel = models.CharField(max_length=6, choices=Channel)
    made_on = models.DateField()
    done_on = models.DateField(null=True)
    done_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["channel", "made_on"], condition=Q(done_on=None), name="casework_errand_open")]

    def __str__(self) -> str:
        return f"{self.channel} of {self.made_on}"
