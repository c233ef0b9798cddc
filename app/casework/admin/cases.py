"""Cases and their stories, and how the work on them is arranged; commands and nights write them."""

from django.contrib import admin

from casework.models import (
    Agent,
    Calendar,
    Campaign,
    Case,
    CaseEvent,
    Holiday,
    OpeningHours,
    Outreach,
    Queue,
    QueueRule,
    Sla,
)
from ledger.admin import ReadOnly


class CaseEventInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What happened to a case, in order."""

    model = CaseEvent
    ordering = ("at", "id")
    fields = ("at", "kind", "by", "note", "queue", "agent", "sla", "until")


class OutreachInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The instalments a case is about."""

    model = Outreach
    fields = ("due_date", "instalment_number", "campaign", "found_on")


@admin.register(Case)
class CaseAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Cases, the most urgent first."""

    list_display = ("number", "kind", "status", "priority", "queue", "assignee", "opened_at", "closed_at")
    list_select_related = ("queue", "assignee")
    list_filter = ("status", "kind", "priority", "queue", "assignee")
    search_fields = ("number", "loan__number")
    ordering = ("closed_at", "priority", "opened_at", "id")
    inlines = (CaseEventInline, OutreachInline)


class QueueRuleInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The rules that lead to a queue."""

    model = QueueRule
    ordering = ("priority", "starts_on")


@admin.register(Queue)
class QueueAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Queues and their rules."""

    list_display = ("code", "skill", "is_default")
    ordering = ("code",)
    inlines = (QueueRuleInline,)


@admin.register(Agent)
class AgentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who works cases."""

    list_display = ("code", "skills", "capacity", "is_active")
    list_filter = ("is_active",)
    ordering = ("code",)


class OpeningHoursInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """A calendar's week."""

    model = OpeningHours
    ordering = ("weekday", "opens")


class HolidayInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """When a calendar is closed."""

    model = Holiday
    ordering = ("day",)


class SlaInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What is counted in a calendar's hours."""

    model = Sla
    ordering = ("code", "starts_on")


@admin.register(Calendar)
class CalendarAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Calendars with their hours, holidays and SLAs."""

    list_display = ("code", "zone")
    ordering = ("code",)
    inlines = (OpeningHoursInline, HolidayInline, SlaInline)


@admin.register(Campaign)
class CampaignAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Whom to reach before an instalment is due, the newest first."""

    list_display = ("code", "trigger", "days_ahead", "look_back_days", "queue", "starts_on", "ends_on")
    ordering = ("-starts_on", "code")
