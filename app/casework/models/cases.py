"""Cases: a loan that somebody looks after, what was done about it, and whom to reach before an instalment is due."""

from datetime import UTC, date

from django.db import models
from django.db.models import F, Q

from casework.models.queues import Agent, Queue, QueueRule
from casework.models.sla import Sla
from loans.models import Loan
from tenants.history import AppendOnly


class Case(models.Model):
    """What is to be done about a loan. How it came to where it is, its events tell."""

    class Kind(models.TextChoices):
        PRE_DELINQUENCY = "pre-delinquency", "may fall behind; opened and closed by the night"
        DELINQUENT = "delinquent", "is behind; opened and closed by the night"
        DISPUTE = "dispute", "the borrower says that something is wrong"
        HARDSHIP = "hardship", "the borrower says that they cannot pay"

    class Status(models.TextChoices):
        OPEN = "open"
        SNOOZED = "snoozed", "until a time"
        PAUSED = "paused", "until somebody resumes it, e.g. the borrower must answer"
        CLOSED = "closed"

    class Priority(models.IntegerChoices):
        URGENT = 1
        NORMAL = 2
        LOW = 3

    #: The loan's number and how many cases it has had, e.g. LC0042/1.
    number = models.CharField(max_length=48, unique=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT)
    kind = models.CharField(max_length=15, choices=Kind)
    status = models.CharField(max_length=7, choices=Status, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, db_index=False)
    assignee = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, db_index=False)
    #: By the night: when its window was due. By hand: the business clock.
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan", "kind"], condition=Q(closed_at=None), name="casework_case_open"),
            models.CheckConstraint(
                name="casework_case_is_possible",
                condition=(Q(status="snoozed") ^ Q(snoozed_until=None))
                & (Q(status="closed") ^ Q(closed_at=None))
                & (Q(closed_at=None) | Q(closed_at__gte=F("opened_at"))),
            ),
        ]
        indexes = [
            models.Index(fields=["snoozed_until"], condition=Q(status="snoozed"), name="casework_case_snoozed"),
            # The nights look at what is open, and when late at what was open then.
            models.Index(fields=["closed_at", "kind"], name="casework_case_closed"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def opened_on(self) -> date:
        """The business date on which it was opened."""
        return self.opened_at.astimezone(UTC).date()

    @property
    def closed_on(self) -> date | None:
        """The business date on which it was closed, or None while it is not."""
        return self.closed_at and self.closed_at.astimezone(UTC).date()


class CaseEvent(AppendOnly):
    """Something that happened to a case. In their order, its events are its story."""

    class Kind(models.TextChoices):
        OPENED = "opened"
        QUEUED = "queued"
        ASSIGNED = "assigned"
        UNASSIGNED = "unassigned"
        SNOOZED = "snoozed"
        WOKEN = "woken"
        PAUSED = "paused"
        RESUMED = "resumed"
        WARNED = "warned"
        BREACHED = "breached"
        ESCALATED = "escalated"
        CLOSED = "closed"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    #: When it happened: by the night, when the window was due, or the moment at which an SLA's time had passed.
    at = models.DateTimeField()
    #: Who did it; the night when blank.
    by = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=200, blank=True)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, db_index=False)
    #: The version of the rule that led to the queue; none for the default queue.
    rule = models.ForeignKey(QueueRule, on_delete=models.PROTECT, null=True, db_index=False)
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, null=True, db_index=False)
    sla = models.ForeignKey(Sla, on_delete=models.PROTECT, null=True, db_index=False)
    #: Of a snooze its end; of a waking the time that had come.
    until = models.DateTimeField(null=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # What the night does, it does once.
            models.UniqueConstraint(
                fields=["case", "rule", "at"],
                condition=Q(kind="queued", by=""),
                nulls_distinct=False,
                name="casework_event_queued_once",
            ),
            models.UniqueConstraint(
                fields=["case", "until"], condition=Q(kind="woken", by=""), name="casework_event_woken_once"
            ),
            models.UniqueConstraint(
                fields=["case", "sla", "kind"], condition=~Q(sla=None), name="casework_event_level_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} at {self.at}"


class Campaign(AppendOnly):
    """Whom to reach before an instalment is due. A changed one is another, for it reaches nobody twice."""

    class Trigger(models.TextChoices):
        DUE_SOON = "due soon", "an instalment is due"
        AUTOPAY_OFF = "autopay off", "and its drafts have ended"
        RETURNED_PAYMENT = "returned payment", "and a payment came back"

    updatable = ("ends_on",)

    code = models.CharField(max_length=40, unique=True)
    trigger = models.CharField(max_length=16, choices=Trigger)
    #: On night D, for instalments due from D + 1 through D + so many days.
    days_ahead = models.PositiveSmallIntegerField()
    #: Of a risk: what happened so many days ago at most counts.
    look_back_days = models.PositiveSmallIntegerField(default=90)
    #: Where its cases are worked; in the default queue when none.
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, null=True, db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="casework_campaign_is_possible",
                condition=Q(days_ahead__gte=1) & (Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))),
            )
        ]

    def __str__(self) -> str:
        return self.code


class Outreach(AppendOnly):
    """A borrower to be reached about an instalment, once for each campaign."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, db_index=False)
    #: Its number in the plan: one that a new plan puts in its place is the same instalment.
    instalment_number = models.PositiveSmallIntegerField()
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, db_index=False)
    due_date = models.DateField()
    #: The business date that found it.
    found_on = models.DateField()
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "outreach"
        constraints = [
            models.UniqueConstraint(fields=["loan", "instalment_number", "campaign"], name="casework_outreach_key")
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} due {self.due_date} by {self.campaign_id}"
