"""Promises, plans, strategies and notices to look at; commands write them, so that every refusal is said in words."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from casework.models import (
    ContactAttempt,
    ContactPreference,
    Errand,
    Notice,
    PaymentPlan,
    PlanInstalment,
    Promise,
    Step,
    StepVersion,
    Strategy,
)
from casework.services.delivery import facts_of, text_of
from ledger.admin import ReadOnly


@admin.register(Promise)
class PromiseAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Promises, the latest due first."""

    list_display = ("loan", "amount", "due_on", "tolerance_days", "status", "paid", "kept_on", "decided_on", "made_by")
    list_filter = ("status",)
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-due_on", "-id")


class PlanInstalmentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The parts."""

    model = PlanInstalment
    ordering = ("number",)


@admin.register(PaymentPlan)
class PaymentPlanAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Plans, the newest first."""

    list_display = ("loan", "made_on", "status", "failed_at", "decided_on", "misses_allowed", "made_by")
    list_filter = ("status",)
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-made_on", "-id")
    inlines = (PlanInstalmentInline,)


class StepInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The steps, whatever their versions."""

    model = Step


@admin.register(Strategy)
class StrategyAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Strategies; `define_strategy` makes them."""

    list_display = ("code", "product", "sender")
    list_select_related = ("product",)
    inlines = (StepInline,)


@admin.register(StepVersion)
class StepVersionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What each step says and said."""

    list_display = ("step", "version", "from_day", "to_day", "channel", "defined_on", "ended_on")
    list_filter = ("channel",)
    list_select_related = ("step",)
    ordering = ("step__strategy", "from_day", "version")


@admin.register(Notice)
class NoticeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Notices and what became of them, the newest first."""

    list_display = ("loan", "step", "version", "cycle", "decided_on", "outcome", "reason", "settled_on")
    list_filter = ("outcome",)
    list_select_related = ("loan", "step", "version")
    search_fields = ("loan__number",)
    ordering = ("-decided_on", "-id")


@admin.register(Errand)
class ErrandAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What people are to bring; the text is that of today."""

    list_display = ("channel", "notice", "made_on", "done_on", "done_by")
    list_filter = ("channel", ("done_on", admin.EmptyFieldListFilter))
    ordering = ("done_on", "-made_on", "-id")
    readonly_fields = ("loan", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Errand]:
        """Return the errands with all that their texts need."""
        related = ("notice__loan__borrower", "notice__step__strategy", "notice__version")
        return super().get_queryset(request).select_related(*related)

    @admin.display()
    def loan(self, errand: Errand) -> str:
        """Whose it is."""
        return str(errand.notice.loan)

    @admin.display()
    def text(self, errand: Errand) -> str:
        """What is to be said, or that there is nothing to say any more."""
        facts = facts_of(errand.notice)
        if facts is None:
            return "Nothing is past due any more."
        text = text_of(errand.notice, facts)
        return "\n\n".join(filter(None, (text.subject, text.body)))


@admin.register(ContactPreference)
class ContactPreferenceAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What borrowers said of being contacted."""

    list_display = ("borrower", "kind", "channel", "starts_on", "ends_on")
    list_filter = ("kind", "channel")
    list_select_related = ("borrower",)
    search_fields = ("borrower__reference", "borrower__loan__number")
    ordering = ("-starts_on", "-id")


@admin.register(ContactAttempt)
class ContactAttemptAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The log of calls and other attempts."""

    list_display = ("loan", "channel", "made_on", "reached", "made_by")
    list_filter = ("channel", "reached")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-made_on", "-id")
