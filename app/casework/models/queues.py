"""Where cases are worked and by whom: queues, the rules that lead to them, and agents."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from loans.models import Product
from tenants.history import AppendOnly


class Queue(models.Model):
    """A pile of cases that people of one skill work."""

    code = models.CharField(max_length=40, unique=True)
    #: What an agent must be able to do to work it; everybody can when blank.
    skill = models.CharField(max_length=40, blank=True)
    #: Whether cases come here that no rule leads anywhere.
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="casework_queue_one_default"
            )
        ]

    def __str__(self) -> str:
        return self.code


class QueueRule(AppendOnly):
    """Which cases belong in a queue; the one with the lowest priority that fits decides.

    A rule is not changed but ended, and another takes its place: a row is a version, so that a night that runs late
    goes by the rules of its date.
    """

    natural_key = ("priority", "starts_on")
    updatable = ("ends_on",)

    priority = models.PositiveSmallIntegerField()
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, db_index=False)
    #: Days past due, `min_days` <= days < `max_days`; a loan that is current has 0.
    min_days = models.PositiveSmallIntegerField(default=0)
    max_days = models.PositiveSmallIntegerField(null=True)
    #: Dollars owed at least: principal, interest and fees.
    min_balance = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, db_index=False)
    #: Where the borrower lives; anywhere when blank.
    state = models.CharField(max_length=2, blank=True)
    #: The first business date it decides on, and the last; none while it does.
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["priority", "starts_on"], name="casework_queuerule_key"),
            models.UniqueConstraint(fields=["priority"], condition=Q(ends_on=None), name="casework_queuerule_current"),
            models.CheckConstraint(
                name="casework_queuerule_is_possible",
                condition=(Q(max_days=None) | Q(max_days__gt=F("min_days")))
                & (Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.priority} → {self.queue_id}"


class Agent(models.Model):
    """Somebody who works cases."""

    code = models.CharField(max_length=40, unique=True)
    skills = ArrayField(models.CharField(max_length=40), default=list)
    #: So many open cases at most, snoozed and paused ones too, but for those of campaigns.
    capacity = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.code
