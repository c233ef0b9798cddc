"""Who may see whose night, and what was done on the board: tables of the public schema."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.history import AppendOnly


class TenantBinding(models.Model):
    """Binds a user to a tenant: whoever has bindings sees and touches these tenants only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tenant_bindings")
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="board_bound_once")]

    def __str__(self) -> str:
        return f"{self.user} sees {self.tenant}"


class Audit(AppendOnly):
    """One action somebody asked for: written before it begins, so that no crash hides it; refused ones too."""

    updatable = ("outcome", "said")

    class Outcome(models.TextChoices):
        BEGUN = "begun"
        DONE = "done"
        REFUSED = "refused"
        FAILED = "failed"

    #: When, business time.
    at = models.DateTimeField()
    #: A user's name, or a token's.
    who = models.CharField(max_length=200)
    #: The page or the API: `board` or `api`.
    via = models.CharField(max_length=10)
    action = models.CharField(max_length=20)
    schedule = models.CharField(max_length=200, db_default="", blank=True)
    #: The business dates it is about.
    first = models.DateField(null=True, blank=True)
    last = models.DateField(null=True, blank=True)
    #: Schema names; empty for all tenants.
    tenants: ClassVar = ArrayField(models.CharField(max_length=200), db_default=[])
    why = models.TextField(db_default="", blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome)
    #: What came of it: the services' own lines, or the refusal.
    said = models.TextField(db_default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["begun", "done", "refused", "failed"]), name="board_audit_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.action} {self.schedule}".rstrip()


class SignInFailure(models.Model):
    """A sign-in that failed, so that guessing is slowed down whichever process is asked."""

    name = models.CharField(max_length=150)
    address = models.CharField(max_length=45)
    #: Of the real clock: guessing does not follow a simulated one.
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="board_signinfailure_at")]

    def __str__(self) -> str:
        return f"{self.name} from {self.address}"
