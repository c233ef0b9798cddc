"""Payments to look at, and the agreements behind them, which people may enter: series, autopays, bank accounts."""

from typing import Any

from django.contrib import admin

from ledger.admin import ReadOnly
from payments.forms import BankAccountForm
from payments.models import (
    Attempt,
    AttemptReturn,
    Autopay,
    BankAccount,
    Company,
    Payment,
    PaymentReversal,
    Series,
    SeriesInstance,
    SeriesPause,
    Waiver,
)


class EnteredOnce:
    """Mixed into an admin of agreements: people add them, and what was agreed stays as it was."""

    show_full_result_count = False

    def has_change_permission(self, *_args: Any) -> bool:
        """Refuse: a new agreement is a new row."""
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        """Refuse: history stays."""
        return False


class PaymentReversalInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What took the payment back."""

    model = PaymentReversal


@admin.register(Payment)
class PaymentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Payments, the newest first."""

    list_display = ("reference", "loan", "amount", "effective_date", "source", "posted_on", "posted_by")
    list_filter = ("source",)
    list_select_related = ("loan",)
    search_fields = ("reference", "loan__number")
    ordering = ("-effective_date", "-id")
    inlines = (PaymentReversalInline,)


@admin.register(Waiver)
class WaiverAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What is not asked for, and why."""

    list_display = ("loan", "waived_on", "fee", "fees", "interest", "reason", "posted_by")
    list_select_related = ("loan",)
    search_fields = ("loan__number", "fee")


class SeriesPauseInline(admin.TabularInline):  # type: ignore[type-arg]
    """The stretches that are left out."""

    model = SeriesPause
    extra = 0
    can_delete = False


class SeriesInstanceInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What became of each due date."""

    model = SeriesInstance


@admin.register(Series)
class SeriesAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Payments that repeat; of one that runs, only its end and its pauses can change."""

    list_display = ("reference", "loan", "amount", "frequency", "anchor", "ends_on")
    list_select_related = ("loan",)
    search_fields = ("reference", "loan__number")
    raw_id_fields = ("loan",)
    inlines = (SeriesPauseInline, SeriesInstanceInline)

    def get_readonly_fields(self, _request: Any, obj: Series | None = None) -> tuple[str, ...]:
        """Let all but the end stand once the series is there."""
        terms = ("reference", "loan", "amount", "frequency", "anchor", "starts_on", "roll", "ends_after")
        return terms if obj else ()

    def has_delete_permission(self, *_args: Any) -> bool:
        """Refuse: end it instead."""
        return False


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who collects."""

    list_display = ("company_name", "company_id", "bank_name")


@admin.register(BankAccount)
class BankAccountAdmin(EnteredOnce, admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts by their last digits; a corrected one is entered anew."""

    form = BankAccountForm
    list_display = ("borrower", "holder", "routing_number", "__str__", "account_type")
    list_select_related = ("borrower",)
    search_fields = ("borrower__reference", "holder")
    raw_id_fields = ("borrower",)

    def get_fields(self, _request: Any, obj: BankAccount | None = None) -> tuple[str, ...]:
        """Ask for the whole number once, and show its last digits from then on."""
        fields = ("borrower", "holder", "routing_number", "account_number", "account_type")
        return fields if obj is None else tuple("__str__" if name == "account_number" else name for name in fields)


class AttemptInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What was asked for, and why not."""

    model = Attempt


@admin.register(Autopay)
class AutopayAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Agreements to draft; a new authorisation, another account and the end are entered here."""

    list_display = ("loan", "account", "amount_type", "authorised_on", "ends_on", "covered")
    list_select_related = ("loan", "account")
    search_fields = ("loan__number",)
    raw_id_fields = ("loan", "account")
    inlines = (AttemptInline,)

    def has_delete_permission(self, *_args: Any) -> bool:
        """Refuse: end it instead."""
        return False


@admin.register(Attempt)
class AttemptAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Drafts, the newest first."""

    list_display = ("autopay", "due_date", "attempt_no", "amount", "effective_on", "skipped", "rejected", "submission")
    list_select_related = ("autopay",)
    search_fields = ("autopay__loan__number", "submission")
    ordering = ("-effective_on", "-id")


@admin.register(AttemptReturn)
class AttemptReturnAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What came back."""

    list_display = ("attempt", "code", "returned_on", "trace", "source")
    list_select_related = ("attempt",)
    ordering = ("-returned_on", "-id")
