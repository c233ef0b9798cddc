"""Loans to look at: what happened to them is history, and what is agreed comes with a tape."""

from django.contrib import admin

from ledger.admin import ReadOnly
from loans.forms import BorrowerForm
from loans.models import (
    Accrual,
    Borrower,
    Break,
    Closure,
    Forbearance,
    IndexValue,
    Instalment,
    Loan,
    NonAccrual,
    Notice,
    Product,
    Promo,
    RateIndex,
    RateReset,
    RateSegment,
    Reconciliation,
    TapeRow,
    Transaction,
    VariableTerms,
)


@admin.register(Product)
class ProductAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The terms that loans share."""

    list_display = ("code", "day_count", "rounding")


@admin.register(Borrower)
class BorrowerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who owes: the one thing here that people may correct. Sealed names cannot be searched."""

    form = BorrowerForm
    list_display = ("reference", "name", "state")
    search_fields = ("reference",)
    show_full_result_count = False

    @admin.display
    def name(self, borrower: Borrower) -> str:
        """Return the whole name."""
        return borrower.identity.name


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


class PromoInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The loan's promotions."""

    model = Promo


class ForbearanceInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The loan's forbearances."""

    model = Forbearance


class NonAccrualInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """When the loan earned nothing, because it was too far past due."""

    model = NonAccrual


class VariableTermsInline(ReadOnly, admin.StackedInline):  # type: ignore[type-arg]
    """How the loan follows its index."""

    model = VariableTerms


class RateResetInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """How its rate was adjusted."""

    model = RateReset


class NoticeInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What its borrower must be told."""

    model = Notice


@admin.register(Loan)
class LoanAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Loans with all that points to them but the daily rows."""

    list_display = ("number", "borrower", "original_principal", "term_months", "originated_on", "accrues_from")
    list_select_related = ("borrower",)
    search_fields = ("number",)
    inlines = (
        RateSegmentInline,
        VariableTermsInline,
        RateResetInline,
        PromoInline,
        ForbearanceInline,
        NonAccrualInline,
        TransactionInline,
        InstalmentInline,
        ClosureInline,
        NoticeInline,
    )


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


class IndexValueInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What the index was."""

    model = IndexValue
    ordering = ("-published_on",)


@admin.register(RateIndex)
class RateIndexAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The published rates that loans follow."""

    list_display = ("code",)
    inlines = (IndexValueInline,)


@admin.register(Notice)
class NoticeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What borrowers must be told, the newest first."""

    list_display = ("noticed_on", "loan", "kind", "about")
    list_filter = ("kind",)
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-noticed_on", "-id")


@admin.register(Forbearance)
class ForbearanceAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Forbearances, those that end last first."""

    list_display = ("loan", "starts_on", "ends_on", "accrues", "arrears", "ended_on")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-ends_on", "-id")


@admin.register(Promo)
class PromoAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Promotions, those that end last first."""

    list_display = ("loan", "kind", "rate", "standard_rate", "starts_on", "ends_on", "ended_on")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-ends_on", "-id")


class BreakInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The differences that one comparison found."""

    model = Break


@admin.register(Reconciliation)
class ReconciliationAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Comparisons of both ledgers, the newest first."""

    list_display = ("business_date", "imbalance", "run_id", "due_at")
    ordering = ("-business_date",)
    inlines = (BreakInline,)
