"""Arrears that a borrower pays off in agreed parts; the loan's own terms stay what they are."""

from django.db import models
from django.db.models import F, Q

from loans.models import Loan
from tenants.history import AppendOnly


class PaymentPlan(AppendOnly):
    """An agreement to pay sums on days; a loan has one that runs, at most."""

    class Status(models.TextChoices):
        RUNNING = "running"
        COMPLETED = "completed", "all of it was paid"
        BROKEN = "broken", "too many instalments were missed"
        EXPIRED = "expired", "its last day passed, and something is missing"
        WITHDRAWN = "withdrawn", "taken back by whoever entered it"

    natural_key = ("loan", "made_on", "status")
    updatable = ("status", "failed_at", "decided_on", "due_at")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    #: Payments that count from this day on count for it.
    made_on = models.DateField()
    #: So many days after its day an instalment is still in time.
    tolerance_days = models.PositiveSmallIntegerField(default=0)
    #: So many missed instalments break it.
    misses_allowed = models.PositiveSmallIntegerField(default=0)
    made_by = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.RUNNING)
    #: The number of the instalment that broke it, or of the first that was not paid when it expired.
    failed_at = models.PositiveSmallIntegerField(null=True)
    #: The business date that found it over, or that it was withdrawn on.
    decided_on = models.DateField(null=True)
    #: When the deciding run's window was due; none when decided by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "made_on"], condition=~Q(status="withdrawn"), name="casework_plan_key"
            ),
            models.UniqueConstraint(fields=["loan"], condition=Q(status="running"), name="casework_plan_running"),
            models.CheckConstraint(
                name="casework_plan_is_over_or_runs",
                condition=Q(status="running", decided_on=None) | (~Q(status="running") & Q(decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="casework_plan_says_where_it_failed",
                condition=Q(status__in=["broken", "expired"], failed_at__isnull=False)
                | (~Q(status__in=["broken", "expired"]) & Q(failed_at=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"of {self.made_on}"


class PlanInstalment(AppendOnly):
    """One part of a plan; payments fill the parts in their order, so one that comes early pays several."""

    natural_key = ("plan", "number")
    updatable = ("paid_on", "missed_on")

    plan = models.ForeignKey(PaymentPlan, on_delete=models.PROTECT, related_name="instalments", db_index=False)
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    #: Effective date of the payment that filled it, late or not.
    paid_on = models.DateField(null=True)
    #: The business date that found it missed; it stays missed when it is paid later.
    missed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="casework_planinstalment_key"),
            models.CheckConstraint(name="casework_planinstalment_is_possible", condition=Q(amount__gt=0, number__gt=0)),
            models.CheckConstraint(
                name="casework_planinstalment_missed_later", condition=Q(missed_on=None) | Q(missed_on__gt=F("due_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.amount} on {self.due_on}"
