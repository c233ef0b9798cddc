"""The general ledger to look at; nothing in it is changed by hand."""

from typing import Any

from django.contrib import admin

from ledger.models import Account, AccountingPeriod, JournalEntry, JournalLine, PeriodBalance


class ReadOnly:
    """Mixed into an admin or inline of rows that only services write."""

    show_full_result_count = False

    def has_add_permission(self, *_args: Any) -> bool:
        """Refuse: services add."""
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        """Refuse: history stays what it was."""
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        """Refuse: history stays."""
        return False


@admin.register(Account)
class AccountAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The chart of accounts."""

    list_display = ("code", "name", "kind")


class JournalLineInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The lines of one entry."""

    model = JournalLine


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Entries, the newest first."""

    list_display = ("entry_date", "kind", "run_id", "due_at")
    list_filter = ("kind",)
    ordering = ("-entry_date", "-id")
    inlines = (JournalLineInline,)


class PeriodBalanceInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The balances a month was closed with."""

    model = PeriodBalance


@admin.register(AccountingPeriod)
class AccountingPeriodAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Months, the newest first."""

    list_display = ("starts_on", "status", "closed_on")
    ordering = ("-starts_on",)
    inlines = (PeriodBalanceInline,)
