"""Delinquency to look at: standings, defaults, pauses, flags, and what waits for its data."""

from django.contrib import admin

from delinquency.models import Backlog, Default, Flag, Pause, Standing
from ledger.admin import ReadOnly


@admin.register(Standing)
class StandingAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The buckets of past-due loans, the newest first."""

    list_display = ("loan", "since", "until", "oldest_due", "bucket", "superseded_on")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-since", "loan")


@admin.register(Default)
class DefaultAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Defaults, the newest first."""

    list_display = ("loan", "cycle_no", "defaulted_on", "reason", "cured_on", "superseded_on")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-defaulted_on", "loan")


@admin.register(Pause)
class PauseAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Pauses but forbearances."""

    list_display = ("loan", "starts_on", "resumes_on", "reason")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)


@admin.register(Flag)
class FlagAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What puts a loan in default by itself."""

    list_display = ("loan", "kind", "starts_on", "ends_on")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)


@admin.register(Backlog)
class BacklogAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Loans whose nights wait until their data will do."""

    list_display = ("loan", "job", "since")
    list_select_related = ("loan",)
