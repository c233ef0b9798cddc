"""Fees to look at; the caps of the states are entered here."""

from django.contrib import admin

from fees.models import Fee, FeeDefinition, LateFeeCap
from ledger.admin import ReadOnly


@admin.register(LateFeeCap)
class LateFeeCapAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The most that a late fee may be, by state."""

    list_display = ("state", "max_amount", "max_rate")


@admin.register(FeeDefinition)
class FeeDefinitionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The fees of every period."""

    list_display = ("code", "product", "loan", "amount", "every_months", "starts_on", "ends_on")
    list_select_related = ("product", "loan")


@admin.register(Fee)
class FeeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was assessed, the newest first."""

    list_display = ("reference", "loan", "fee_type", "assessed_on", "amount", "reversed_on")
    list_select_related = ("loan",)
    list_filter = ("fee_type",)
    search_fields = ("loan__number", "reference")
    ordering = ("-assessed_on", "-id")
