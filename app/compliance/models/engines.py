"""Outside monitors, e.g. of military status or bankruptcy courts, and what they have reported."""

from django.db import models
from django.db.models import F, Q

from compliance.models.rules import Rule, Severity
from tenants.history import AppendOnly

#: Names of environment variables that may hold a token; any other could send a secret of ours to somebody's address.
TOKEN_VARIABLE = r"^MATINS_ENGINE_TOKEN_[A-Z0-9_]+$"  # noqa: S105 - a pattern of names, no token


class Engine(models.Model):
    """An outside monitor that is asked every night for what is new since a cursor."""

    code = models.CharField(max_length=40, unique=True)
    url = models.CharField(max_length=200)
    #: The environment variable that holds its token: the token itself is never in the database.
    token_variable = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    #: The rule under which its alerts are findings.
    rule = models.OneToOneField(Rule, on_delete=models.PROTECT)
    #: Where the next poll begins: moved in the transaction that keeps what was reported up to it.
    cursor = models.TextField(blank=True)
    #: The newest business date it was read for.
    read_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="compliance_engine_names_a_token", condition=Q(token_variable__regex=TOKEN_VARIABLE)
            )
        ]

    def __str__(self) -> str:
        return self.code


class Report(AppendOnly):
    """What a monitor, or an operator, says of a loan. The newest of one matter and first day is the one that holds."""

    class Kind(models.TextChoices):
        """An alert is a finding; a status is a fact that rules look at."""

        ALERT = "alert"
        STATUS = "status"

    class Status(models.TextChoices):
        """The matters of which a status may tell."""

        SCRA = "scra", "in military service (50 U.S.C. 3937)"
        MLA = "mla", "a covered borrower (10 U.S.C. 987)"
        BANKRUPTCY = "bankruptcy"
        DECEASED = "deceased"

    #: None when an operator says it.
    engine = models.ForeignKey(Engine, on_delete=models.PROTECT, null=True, db_index=False)
    #: The monitor's own id of it.
    event_id = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=6, choices=Kind)
    #: What it is about: a status, or whatever the monitor calls it.
    matter = models.CharField(max_length=40)
    #: As reported; a loan of that number may come later.
    loan_number = models.CharField(max_length=40, db_index=True)
    since = models.DateField()
    #: The last day; none while it lasts.
    until = models.DateField(null=True)
    #: Of an alert.
    severity = models.PositiveSmallIntegerField(choices=Severity, null=True)
    message = models.CharField(max_length=200, blank=True)
    #: The business date on which it was taken.
    reported_on = models.DateField()
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engine", "event_id"], name="compliance_report_key"),
            models.CheckConstraint(
                name="compliance_report_is_possible",
                condition=(Q(until=None) | Q(until__gte=F("since")))
                & (Q(kind="alert", severity__isnull=False) | Q(kind="status", severity=None)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_number}: {self.matter} from {self.since}"
