"""How far behind each loan is, and since when; what stops the count of its days; and which loans are in default.

Of a loan that is current there is nothing here. A history that a payment with an earlier date makes wrong is not
changed: its rows are superseded, and others are written in their place.
"""

from django.db import models
from django.db.models import F, Q

from loans.models import Loan
from tenants.history import AppendOnly


class Pause(AppendOnly):
    """A stretch in which a loan's days past due are not counted, e.g. after a disaster; a forbearance pauses too."""

    updatable = ("resumes_on",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    starts_on = models.DateField()
    #: The first day that counts again (settled rule 3); none while nobody knows.
    resumes_on = models.DateField(null=True)
    reason = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "starts_on"], name="delinquency_pause_key"),
            models.CheckConstraint(
                name="delinquency_pause_is_possible",
                condition=Q(resumes_on=None) | Q(resumes_on__gt=F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} from {self.starts_on}"


class Standing(AppendOnly):
    """A stretch of nights in which a past-due loan's bucket and oldest unpaid due date stay the same."""

    updatable = ("until", "superseded_on")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    #: The first business date it holds on.
    since = models.DateField()
    #: The business date it no longer holds on; none while it does.
    until = models.DateField(null=True)
    oldest_due = models.DateField()
    #: The first day of the product's bucket; 0 while the days are within the grace, or paused.
    bucket = models.PositiveSmallIntegerField()
    #: The processing date on which a history with other facts took its place.
    superseded_on = models.DateField(null=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "since"], condition=Q(superseded_on=None), name="delinquency_standing_key"
            ),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(until=None, superseded_on=None), name="delinquency_standing_current"
            ),
            models.CheckConstraint(
                name="delinquency_standing_is_possible",
                condition=Q(oldest_due__lt=F("since")) & (Q(until=None) | Q(until__gt=F("since"))),
            ),
        ]

    def __str__(self) -> str:
        return f"bucket {self.bucket} from {self.since}"


class Flag(AppendOnly):
    """Something that puts a loan in default, however well it is paid."""

    class Kind(models.TextChoices):
        BANKRUPTCY = "bankruptcy"
        DECEASED = "deceased"

    updatable = ("ends_on",)

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    starts_on = models.DateField()
    #: The last day, included; none while it lasts.
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "kind", "starts_on"], name="delinquency_flag_key"),
            models.UniqueConstraint(
                fields=["loan", "kind"], condition=Q(ends_on=None), name="delinquency_flag_current"
            ),
            models.CheckConstraint(
                name="delinquency_flag_is_possible", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.starts_on}"


class Default(AppendOnly):
    """A loan's default, until it is cured; the next one is a cycle of its own."""

    class Reason(models.TextChoices):
        DAYS_PAST_DUE = "days past due"
        MATURITY = "maturity", "its last instalment is past due"
        BANKRUPTCY = "bankruptcy"
        DECEASED = "deceased"

    updatable = ("cured_on", "superseded_on")

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    cycle_no = models.PositiveSmallIntegerField()
    #: The business date that found it.
    defaulted_on = models.DateField()
    reason = models.CharField(max_length=13, choices=Reason)
    #: The business date on which nothing was past due any more, and no flag in force.
    cured_on = models.DateField(null=True)
    #: The processing date on which a history with other facts took its place.
    superseded_on = models.DateField(null=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan", "cycle_no"], condition=Q(superseded_on=None), name="delinquency_default_key"
            ),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(cured_on=None, superseded_on=None), name="delinquency_default_current"
            ),
            models.CheckConstraint(
                name="delinquency_default_is_possible",
                condition=Q(cycle_no__gt=0) & (Q(cured_on=None) | Q(cured_on__gt=F("defaulted_on"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_no} by {self.reason} on {self.defaulted_on}"


class Job(models.TextChoices):
    """What goes through the nights one by one."""

    STANDINGS = "standings"
    DEFAULTS = "defaults"


class DoneNight(AppendOnly):
    """A business date that a job is done with, but for the loans of its backlog."""

    job = models.CharField(max_length=9, choices=Job)
    business_date = models.DateField()
    #: The run that did it, and when its window was due; none when done by hand.
    run_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "business_date"], name="delinquency_donenight_key")]

    def __str__(self) -> str:
        return f"{self.job} of {self.business_date}"


class Backlog(models.Model):
    """A loan whose data will not do for a night: that one and those after it are still to be done (settled rule 21)."""

    job = models.CharField(max_length=9, choices=Job)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    #: The first business date that is to be done.
    since = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "loan"], name="delinquency_backlog_key")]

    def __str__(self) -> str:
        return f"{self.loan_id} since {self.since}"
