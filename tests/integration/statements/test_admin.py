"""The pages of statements: to look at, and to download."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import Http404
from django.test import RequestFactory
from django.urls import resolve, reverse

from statements.models import Delivery, ElectronicConsent, Statement, StatementCycle
from statements.services import set_cycle, set_electronic
from tests.integration.payments.money import lend
from tests.integration.statements.issued import statement, through

pytestmark = pytest.mark.usefixtures("books")


@pytest.fixture
def superuser():
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    return request


@pytest.fixture
def january(books):
    lend()
    set_electronic(loan_number="L1", electronic=True, business_date=date(2024, 1, 2))
    set_cycle(loan_number="L1", cycle="biweekly", business_date=date(2024, 3, 2))
    through(date(2024, 1, 2), date(2024, 2, 1))
    one = statement(date(2024, 1, 31))
    Delivery.objects.create(statement=one, channel="paper", delivered_on=date(2024, 2, 1))
    return one


@pytest.mark.usefixtures("january")
@pytest.mark.parametrize("model", [Statement, StatementCycle, ElectronicConsent, Delivery])
def test_lists_and_pages_are_only_looked_at(model, superuser):
    site = admin.site.get_model_admin(model)
    assert not site.has_add_permission(superuser)
    assert not site.has_change_permission(superuser)
    assert not site.has_delete_permission(superuser)
    site.changelist_view(superuser).render()
    site.change_view(superuser, str(model.objects.get().pk)).render()


def test_the_page_has_links_to_the_files(january, superuser):
    page = admin.site.get_model_admin(Statement).change_view(superuser, str(january.pk)).render().content.decode()
    for kind in ("html", "pdf"):
        link = reverse("admin:statements_statement_download", args=[january.pk, kind])
        assert link in page
        assert resolve(link).url_name == "statements_statement_download"
    assert "paper" in page


@pytest.mark.parametrize(("kind", "begins"), [("html", b"<!DOCTYPE html>"), ("pdf", b"%PDF-")])
def test_a_file_is_downloaded_and_not_shown(january, superuser, kind, begins):
    response = admin.site.get_model_admin(Statement).download(superuser, january.pk, kind)
    assert response.content.startswith(begins)
    assert response["Content-Disposition"] == f'attachment; filename="L1-2024-01-31.{kind}"'


def test_of_a_lost_file_is_said_what_to_do(january, superuser):
    default_storage.delete(january.stored_in)
    response = admin.site.get_model_admin(Statement).download(superuser, january.pk, "pdf")
    assert response.status_code == 409
    assert b"statement --restore" in response.content


def test_nobody_else_gets_a_file_and_there_are_no_others(january, superuser):
    site = admin.site.get_model_admin(Statement)
    with pytest.raises(Http404):
        site.download(superuser, january.pk, "docx")
    with pytest.raises(Http404):
        site.download(superuser, january.pk + 1, "pdf")
    superuser.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        site.download(superuser, january.pk, "pdf")
