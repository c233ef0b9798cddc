"""Portfolios to look at; they are kept by commands and by the night."""

from django.contrib import admin

from ledger.admin import ReadOnly
from portfolios.models import Membership, Portfolio, Rule, Snapshot, Total


@admin.register(Portfolio)
class PortfolioAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Portfolios, open and closed."""

    list_display = ("code", "name", "owner", "is_default", "opened_on", "closed_on")


@admin.register(Rule)
class RuleAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rules in the order in which they are asked, all versions."""

    list_display = ("code", "version", "priority", "portfolio", "since", "until")
    list_select_related = ("portfolio",)


@admin.register(Membership)
class MembershipAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Whose each loan was, the newest first."""

    list_display = ("loan", "portfolio", "rule", "since", "until")
    list_select_related = ("loan", "portfolio", "rule")
    search_fields = ("loan__number",)
    ordering = ("-id",)


@admin.register(Total)
class TotalAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The portfolios' sums, the newest night first."""

    list_display = ("snapshot_date", "portfolio", "version", "loans", "past_due", "principal", "interest", "fees")
    list_select_related = ("portfolio",)
    ordering = ("-snapshot_date", "portfolio", "-version")


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What each loan was, the newest night first."""

    list_display = ("snapshot_date", "loan", "version", "portfolio", "status", "dpd", "bucket", "principal", "interest")
    list_select_related = ("loan", "portfolio")
    search_fields = ("loan__number",)
    ordering = ("-snapshot_date", "loan", "-version")
