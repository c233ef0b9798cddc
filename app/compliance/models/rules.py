"""Rules as data, and what their checks find: each finding once, from the day it was opened until it is resolved."""

from django.db import models
from django.db.models import F, Q

from loans.models import Loan
from tenants.history import AppendOnly


class Severity(models.IntegerChoices):
    """How bad a finding is; what has gone from bad to worse is one higher than its rule says."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Rule(models.Model):
    """Something that is checked every night: what, with which parameters, and how bad a finding is."""

    class Kind(models.TextChoices):
        """What is looked at; the statements are in `compliance.checks`."""

        RATE_CAP = "rate cap", "a protected borrower's loan earns more than the cap"
        RATE_CHANGE_NOTICE = "rate change notice", "a borrower was not told of a new payment in time"
        DRAFTS_AFTER_FAILURES = "drafts after failures", "a third draft after two that failed"
        DISPUTE_DEADLINE = "dispute deadline", "a dispute is not answered in time"
        STATE_LICENCE = "state licence", "loans in a state without a licence in force"
        BANKRUPTCY_STAY = "bankruptcy stay", "a bankrupt borrower was charged a fee or drafted"
        LATE_FEE_CAP = "late fee cap", "a late fee above the state's cap"
        UNFLAGGED_STATUS = "unflagged status", "a bankruptcy or a death is reported, and the loan is not flagged"
        LIEN_LAPSED = "lien lapsed", "a lien lapsed while the loan was owed"
        REPORTED = "reported", "an outside monitor says so"

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=24, choices=Kind)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    parameters = models.JSONField(default=dict, blank=True)
    active = models.BooleanField(default=True)
    #: The newest business date it was checked for: an earlier night that comes later finds nothing out.
    checked_on = models.DateField(null=True, editable=False)

    def __str__(self) -> str:
        return self.code


class Finding(AppendOnly):
    """One thing that is not as a rule wants it, however many nights see it."""

    updatable = ("severity", "details", "resolved_on")

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, db_index=False, related_name="findings")
    #: What it is about, as people know it: `loan LN-01`, `state TX`.
    subject = models.CharField(max_length=120)
    #: The day since which it is so, by the facts and not by the night that saw it: the same fact is the same finding.
    window_start = models.DateField()
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, null=True)
    #: It is raised, and never lowered while the finding is open.
    severity = models.PositiveSmallIntegerField(choices=Severity)
    details = models.CharField(max_length=300)
    #: The business dates that first found it, and that no longer did.
    opened_on = models.DateField()
    resolved_on = models.DateField(null=True)
    #: When the writing run's window was due; none when written by hand.
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject", "window_start"], name="compliance_finding_key"),
            models.CheckConstraint(
                name="compliance_finding_is_possible",
                condition=Q(resolved_on=None) | Q(resolved_on__gte=F("opened_on")),
            ),
        ]
        indexes = [models.Index(fields=["rule"], condition=Q(resolved_on=None), name="compliance_finding_open")]

    def __str__(self) -> str:
        return f"{self.subject} since {self.window_start}"


class FindingChange(AppendOnly):
    """What became of a finding, night by night: the proof that it was seen, and when."""

    class What(models.TextChoices):
        OPENED = "opened"
        RAISED = "raised", "its severity was raised"
        RESOLVED = "resolved"
        REOPENED = "reopened"

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="changes")
    what = models.CharField(max_length=8, choices=What)
    #: After the change.
    severity = models.PositiveSmallIntegerField(choices=Severity)
    business_date = models.DateField(db_index=True)
    due_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.what} on {self.business_date}"
