"""Loans to look at: what happened to them is history, and what is agreed comes with a tape."""

from django.contrib import admin

from ledger.admin import ReadOnly
from loans.models import Accrual, Borrower, Closure, Instalment, Loan, Product, RateSegment, TapeRow, Transaction


@admin.register(Product)
class ProductAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The terms that loans share."""

    list_display = ("code", "day_count", "rounding")


@admin.register(Borrower)
class BorrowerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who owes: the one thing here that people may correct."""

    list_display = ("reference", "surname", "first_name", "state")
    search_fields = ("reference", "surname")
    show_full_result_count = False


class RateSegmentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The loan's rates."""

    model = RateSegment


class TransactionInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What moved the loan's principal."""

    model = Transaction


class ClosureInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The loan's end."""

    model = Closure


class InstalmentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The loan's schedule."""

    model = Instalment


@admin.register(Loan)
class LoanAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Loans with all that points to them but the daily rows."""

    list_display = ("number", "borrower", "original_principal", "term_months", "originated_on", "accrues_from")
    list_select_related = ("borrower",)
    search_fields = ("number",)
    inlines = (RateSegmentInline, TransactionInline, ClosureInline, InstalmentInline)


@admin.register(Accrual)
class AccrualAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The interest of every day, the newest first."""

    list_display = ("accrual_date", "loan", "principal", "rate", "cumulative", "amount")
    list_select_related = ("loan",)
    ordering = ("-accrual_date", "loan")


@admin.register(TapeRow)
class TapeRowAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The lines the loans came with."""

    list_display = ("loan_number", "line", "as_of", "loan_status", "balance", "paid_total")
    search_fields = ("loan_number",)
