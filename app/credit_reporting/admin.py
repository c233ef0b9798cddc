"""Credit reporting to look at, its files to download; who reports what is entered here."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django_tenants.utils import get_public_schema_name

from credit_reporting.models import AccountKind, Finding, Metro2File, Report, ReportedRecord, Reporter
from ledger.admin import ReadOnly
from tenants.selectors import current_schema


@admin.register(Reporter)
class ReporterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who the tenant is to the bureaus."""

    list_display = ("name", "identification_number")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Let there be one; the site of public lists no tenant's pages, and has no such table."""
        return bool(current_schema() != get_public_schema_name() and not Reporter.objects.exists())


@admin.register(AccountKind)
class AccountKindAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What the loans of a product are to the bureaus."""

    list_display = ("product", "portfolio_type", "account_type")


class Metro2FileInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """The report as each bureau gets it."""

    model = Metro2File
    fields = ("bureau", "stored_in", "size", "sha256", "download")
    readonly_fields = ("download",)

    @admin.display(description="")
    def download(self, file: Metro2File) -> str:
        """Link to the file."""
        return format_html('<a href="{}">download</a>', reverse(f"admin:{_DOWNLOAD}", args=[file.pk]))


class FindingInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What the report says of itself; findings about loans have their own page."""

    model = Finding
    fields = ("severity", "reason")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Leave out what is about one loan: there may be many."""
        return super().get_queryset(request).filter(loan=None)


@admin.register(Report)
class ReportAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was said of each month, the newest first."""

    list_display = ("__str__", "reported", "held_back", "warnings", "balance", "run_id")
    ordering = ("-activity_month", "-version")
    inlines = (Metro2FileInline, FindingInline)


_DOWNLOAD = "credit_reporting_metro2file_download"


@admin.register(Metro2File)
class Metro2FileAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Files, the newest first. Who downloads one sees identities."""

    list_display = ("stored_in", "report", "bureau", "size", "sha256")
    list_filter = ("bureau",)
    list_select_related = ("report",)
    ordering = ("-report__activity_month", "-report__version", "bureau")

    def get_urls(self) -> list[URLPattern]:
        """Add the download of a file."""
        download = self.admin_site.admin_view(self.download)
        return [path("<int:pk>/download/", download, name=_DOWNLOAD), *super().get_urls()]

    def download(self, request: HttpRequest, pk: int) -> FileResponse:
        """Send a file, piece by piece, to somebody who may look at files.

        Raises:
            PermissionDenied: to anybody else.
        """
        file = get_object_or_404(Metro2File, pk=pk)
        if not self.has_view_permission(request, file):
            raise PermissionDenied
        name = file.stored_in.rpartition("/")[2]
        return FileResponse(default_storage.open(file.stored_in), as_attachment=True, filename=name)


@admin.register(ReportedRecord)
class ReportedRecordAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What was said of loans."""

    list_display = (
        "loan",
        "activity_month",
        "account_status",
        "payment_rating",
        "payment_history_profile",
        "current_balance",
        "amount_past_due",
        "date_of_first_delinquency",
        "report",
        "superseded_in",
    )
    list_select_related = ("loan", "report", "superseded_in")
    list_filter = ("account_status",)
    search_fields = ("loan__number", "account_number")
    ordering = ("-activity_month", "loan")


@admin.register(Finding)
class FindingAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """What held records back, and what is worth a look."""

    list_display = ("report", "loan", "severity", "reason")
    list_filter = ("severity",)
    list_select_related = ("report", "loan")
    search_fields = ("loan__number",)
    ordering = ("-report", "id")
