"""Statements to look at and to download as their borrowers get them; what is agreed about them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString

from common.exceptions import BooksError
from ledger.admin import ReadOnly
from statements.models import Delivery, ElectronicConsent, Statement, StatementCycle
from statements.services.documents import addressed, addressed_pdf


class DeliveryInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """How a statement left."""

    model = Delivery


@admin.register(Statement)
class StatementAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Statements, the newest first, each with its document."""

    list_display = ("loan", "cycle", "period_start", "period_end", "opening", "closing", "amount_due", "documents")
    list_filter = ("cycle", "ending", "variant")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)
    ordering = ("-period_end", "loan")
    inlines = (DeliveryInline,)

    def get_urls(self) -> list[URLPattern]:
        """Add the downloads."""
        download = self.admin_site.admin_view(self.download)
        return [
            path("<int:pk>/document/<str:kind>/", download, name="statements_statement_download"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Statement | None = None) -> Any:
        """Show the documents beside the figures."""
        return [*super().get_readonly_fields(request, obj), "documents"]

    @admin.display(description="documents")
    def documents(self, statement: Statement) -> SafeString:
        """Return the links to the statement as HTML and as PDF."""
        html, pdf = (reverse("admin:statements_statement_download", args=[statement.pk, kind]) for kind in _MAKERS)
        return format_html('<a href="{}">HTML</a> <a href="{}">PDF</a>', html, pdf)

    def download(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """Return the statement as a file, or why there is none.

        Raises:
            Http404: there is no such statement, or it has no file of that kind.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        statement = get_object_or_404(Statement.objects.select_related("loan__borrower"), pk=pk)
        if kind not in _MAKERS:
            raise Http404
        try:
            content = _MAKERS[kind](statement)
        except BooksError as error:
            return HttpResponse(str(error), status=409, content_type="text/plain; charset=utf-8")
        return _file(content, f"{statement.loan.number}-{statement.period_end}.{kind}", _TYPES[kind])


_MAKERS: dict[str, Callable[[Statement], str | bytes]] = {"html": addressed, "pdf": addressed_pdf}
_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}


def _file(content: str | bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


@admin.register(StatementCycle)
class StatementCycleAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """The cycles that were chosen."""

    list_display = ("loan", "cycle", "starts_on")
    list_select_related = ("loan",)
    search_fields = ("loan__number",)


@admin.register(ElectronicConsent)
class ElectronicConsentAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who gets documents by e-mail."""

    list_display = ("borrower", "given_on", "withdrawn_on")
    list_select_related = ("borrower",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """How statements left; those on paper are the print vendor's list."""

    list_display = ("statement", "channel", "delivered_on")
    list_filter = ("channel", "delivered_on")
    list_select_related = ("statement",)
    ordering = ("-delivered_on", "-id")
