"""The ledger of the night: what is registered, which windows opened, how every run of them ended.

Times are of two clocks. `due_at`, `late_at`, `deadline_at`, `opened_at`, `starts_at`, `started_at`, `finished_at`
and `fanned_out_at` are business time; `published_at`, `claimed_at` and `not_before` are Postgres's own
`clock_timestamp()`, because leases and retries must not follow a simulated clock.

The app role may add rows and set the columns named `updatable`; it can delete none and rename nothing.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tenants.history import AppendOnly


class Registration(AppendOnly):
    """A schedule as the last `migrate` saw it: a first deployment opens no history, a removed one stays told."""

    updatable = ("opened_through",)

    name = models.CharField(primary_key=True, max_length=200)
    cron = models.CharField(max_length=100)
    #: Occurrences after this instant are expected.
    since = models.DateTimeField()
    #: Set when the schedule left the catalog.
    until = models.DateTimeField(null=True, blank=True)
    books = models.BooleanField()
    #: Every occurrence up to here is in the ledger; a claim refuses to overtake it.
    opened_through = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Window(AppendOnly):
    """One occurrence of a schedule."""

    # A backfill reopens a skipped window; nothing else of one ever changes.
    updatable = ("origin", "opened_at", "late_at", "deadline_at", "skipped")

    class Origin(models.TextChoices):
        SCHEDULED = "scheduled"
        CATCH_UP = "catch_up"
        BACKFILL = "backfill"
        AD_HOC = "ad_hoc"

    schedule = models.CharField(max_length=200)
    #: `due_at` in ISO form, or for ad hoc work the dispatch message's id.
    key = models.CharField(max_length=64)
    task = models.CharField(max_length=200)
    queue = models.CharField(max_length=50)
    after: ClassVar = ArrayField(models.CharField(max_length=200), db_default=[])
    books = models.BooleanField()
    #: At most one window of this schedule on a business date.
    dated = models.BooleanField()
    due_at = models.DateTimeField()
    business_date = models.DateField()
    origin = models.CharField(max_length=9, choices=Origin)
    opened_at = models.DateTimeField()
    #: The instants from which a run not started is late, and one not finished is overdue.
    late_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    args = models.JSONField(db_default=[])
    kwargs = models.JSONField(db_default={})
    #: Why the whole window was skipped; empty when it was opened for its tenants.
    skipped = models.TextField(db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["schedule", "key"], name="schedules_one_window"),
            models.UniqueConstraint(
                fields=["schedule", "business_date"],
                condition=Q(dated=True),
                name="schedules_one_window_a_date",
            ),
        ]
        indexes = [models.Index(fields=["schedule", "due_at"], name="schedules_window_due")]

    def __str__(self) -> str:
        return f"{self.schedule} {self.due_at:%Y-%m-%d %H:%M}"


class Run(AppendOnly):
    """One tenant's share of one window; with an item, a child of that share."""

    updatable = (
        "state",
        "reason",
        "published_at",
        "claimed_at",
        "not_before",
        "token",
        "attempt",
        "failures",
        "started_at",
        "finished_at",
        "fanned_out_at",
        "counts",
        "exceptions",
        "traceback",
    )

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        SKIPPED = "skipped"

    # No database constraints on these two: their checks made 10,000 inserted runs three times slower. Windows are
    # removed only with their runs (retention), tenants never.
    window = models.ForeignKey(Window, models.DO_NOTHING, db_constraint=False, db_index=False)
    tenant = models.ForeignKey("tenants.Tenant", models.DO_NOTHING, db_constraint=False, db_index=False)
    item = models.CharField(max_length=200, db_default="", blank=True)
    #: A child's own task and arguments; empty for the window's.
    task = models.CharField(max_length=200, db_default="", blank=True)
    args = models.JSONField(null=True, blank=True)
    kwargs = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State)
    #: Why it was skipped, or the last error in one line.
    reason = models.TextField(db_default="", blank=True)
    #: Place within its tenant's share, so that one tenant's children do not crowd out the others' first.
    rank = models.IntegerField(db_default=0)
    starts_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    token = models.UUIDField(null=True, blank=True)
    #: Claims, of any outcome.
    attempt = models.IntegerField(db_default=0)
    #: Exceptions of the body and workers that died in it.
    failures = models.IntegerField(db_default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    fanned_out_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(null=True, blank=True)
    #: Items in quarantine.
    exceptions = models.IntegerField(db_default=0)
    traceback = models.TextField(db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["window", "tenant", "item"], name="schedules_one_run"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "ready", "running", "succeeded", "failed", "skipped"]),
                name="schedules_run_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["skipped", "failed"]) | ~Q(reason=""),
                name="schedules_run_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="running", token__isnull=False) | (~Q(state="running") & Q(token__isnull=True)),
                name="schedules_running_holds_a_token",
            ),
        ]
        # Only unfinished runs are ever searched: both indexes stay as small as tonight, whatever the history.
        indexes = [
            models.Index(
                fields=["tenant", "window"],
                condition=Q(state__in=["waiting", "ready", "running", "failed"]),
                name="schedules_run_line",
            ),
            models.Index(
                fields=["state", "window"],
                condition=Q(state__in=["waiting", "ready", "running", "failed"]),
                name="schedules_run_open",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class QuarantinedItem(AppendOnly):
    """One bad item a run left out while it did the rest."""

    updatable = ("reason", "resolved_at")

    run = models.ForeignKey(Run, models.CASCADE, related_name="quarantined")
    model = models.CharField(max_length=100)
    key = models.CharField(max_length=200)
    reason = models.TextField()
    quarantined_at = models.DateTimeField()
    #: Set by the run that did the item after all.
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "model", "key"], name="schedules_one_quarantined_item"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"


class OutboxMessage(AppendOnly):
    """What must leave the system, written in the transaction of the business row that asks for it."""

    updatable = ("attempts", "not_before", "retry_at", "accepted_at", "expired_at", "error")

    tenant = models.ForeignKey("tenants.Tenant", models.DO_NOTHING, db_constraint=False)
    #: Which deliverer takes it, e.g. `mail` or `ach_file`.
    kind = models.CharField(max_length=50)
    #: The receiver's idempotency key.
    key = models.CharField(max_length=200)
    payload = models.JSONField()
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    attempts = models.IntegerField(db_default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    expired_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "key"], name="schedules_one_outbox_message"),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(accepted_at__isnull=True, expired_at__isnull=True),
                name="schedules_outbox_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Beat(models.Model):
    """A beat process and its last tick, so that `doctor` can count the living ones."""

    name = models.CharField(primary_key=True, max_length=200)
    started_at = models.DateTimeField()
    ticked_at = models.DateTimeField()
    #: Business time of that tick: beside `ticked_at` it shows a beat whose clock is off.
    clock = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
