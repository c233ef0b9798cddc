"""Compliance to look at: rules and what they found, monitors and what they reported, liens and what became of them.

Rules, monitors and liens are entered by commands, which refuse what cannot be.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from compliance.models import (
    Continuation,
    Dispute,
    Engine,
    Finding,
    FindingChange,
    Licence,
    Lien,
    LienAlert,
    Release,
    Report,
    Rule,
)
from ledger.admin import ReadOnly


@admin.register(Rule)
class RuleAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What is checked."""

    list_display = ("code", "kind", "severity", "parameters", "active", "checked_on")
    list_filter = ("active", "kind")
    ordering = ("code",)


class FindingChangeInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """When it was opened, raised and resolved."""

    model = FindingChange
    ordering = ("id",)


class IsOpen(admin.SimpleListFilter):
    """Open findings or resolved ones."""

    title = parameter_name = "state"

    def lookups(self, *_args: object) -> list[tuple[str, str]]:
        """Return the two."""
        return [("open", "open"), ("resolved", "resolved")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        """Return the findings of the state that was chosen."""
        return queryset if self.value() is None else queryset.filter(resolved_on__isnull=self.value() == "open")


@admin.register(Finding)
class FindingAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was found, the worst and newest first."""

    list_display = ("rule", "subject", "window_start", "severity", "details", "opened_on", "resolved_on")
    list_select_related = ("rule",)
    list_filter = (IsOpen, "severity", "rule")
    search_fields = ("subject", "loan__number")
    ordering = ("-severity", "-opened_on", "-id")
    inlines = (FindingChangeInline,)


@admin.register(Engine)
class EngineAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The monitors that are asked."""

    list_display = ("code", "url", "token_variable", "active", "read_on", "cursor")


@admin.register(Report)
class ReportAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What monitors and operators said, the newest first."""

    list_display = ("loan_number", "kind", "matter", "since", "until", "severity", "engine", "reported_on")
    list_select_related = ("engine",)
    list_filter = ("kind", "engine")
    search_fields = ("loan_number", "event_id")
    ordering = ("-id",)


@admin.register(Licence)
class LicenceAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Licences by state."""

    list_display = ("state", "number", "starts_on", "expires_on")
    ordering = ("state", "starts_on")


@admin.register(Dispute)
class DisputeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Disputes, the most urgent first."""

    list_display = ("reference", "loan", "received_on", "due_on", "answered_on")
    list_select_related = ("loan",)
    search_fields = ("reference", "loan__number")
    ordering = ("-answered_on", "due_on")


class ContinuationInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What was filed to keep it effective."""

    model = Continuation


class LienAlertInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What was told of it."""

    model = LienAlert
    ordering = ("id",)


class ReleaseInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The task to release it."""

    model = Release


@admin.register(Lien)
class LienAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Liens, with all that became of them."""

    list_display = ("reference", "loan", "kind", "filed_on", "insured_until", "lapsed_on", "released_on")
    list_select_related = ("loan",)
    list_filter = ("kind",)
    search_fields = ("reference", "loan__number")
    inlines = (ContinuationInline, LienAlertInline, ReleaseInline)


@admin.register(LienAlert)
class LienAlertAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who must be told of what ends, the newest first."""

    list_display = ("lien", "of", "expires_on", "threshold", "alerted_on")
    list_select_related = ("lien",)
    list_filter = ("of", "threshold")
    ordering = ("-alerted_on", "-id")
