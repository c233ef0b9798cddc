"""What the API remembers: the tokens that open it, and what it answered to each idempotency key.

Times are of Postgres's own clock, never of the simulated one: a token must not come back to life in a demo.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from board.access import Role


class Token(models.Model):
    """What a script shows instead of a person's sign-in: a role, for a time, for all tenants or some."""

    #: The public half, by which a token is found, told and revoked.
    key = models.CharField(max_length=16, unique=True)
    #: SHA-256 of the secret half in hex. It is 256 random bits, so a slow hash would protect nothing more.
    digest = models.CharField(max_length=64)
    #: What it is for.
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=Role)
    #: Ids of the only tenants it sees; null where it sees them all.
    tenant_ids: ClassVar = ArrayField(models.BigIntegerField(), null=True, blank=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    #: The minute of its last request, and how many there were in it.
    minute = models.DateTimeField(null=True, blank=True)
    requests = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("issued_at")), name="board_api_token_expires"),
            models.CheckConstraint(condition=Q(name__regex=r"\S"), name="board_api_token_says_what_for"),
            models.CheckConstraint(
                condition=Q(tenant_ids__isnull=True) | ~Q(tenant_ids=[]), name="board_api_token_sees_a_tenant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"


class Answer(models.Model):
    """What one write was answered, so that its repetition gets the same; without a status while it goes on."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="answers")
    #: The client's `Idempotency-Key`.
    key = models.CharField(max_length=255)
    #: SHA-256 of method, path and body in hex: a key belongs to one request.
    request = models.CharField(max_length=64)
    asked_at = models.DateTimeField(db_index=True)
    status = models.IntegerField(null=True, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="board_api_one_answer")]

    def __str__(self) -> str:
        return f"{self.key} of {self.token_id}"


class TokenFailure(models.Model):
    """A request whose token opened nothing, so that a forgotten script is slowed down whichever process it asks."""

    key = models.CharField(max_length=16)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="board_api_tokenfailure_at")]

    def __str__(self) -> str:
        return f"{self.key} from {self.address}"
