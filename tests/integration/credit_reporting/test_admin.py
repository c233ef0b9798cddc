"""The pages of credit reporting: history to look at, files to download, a reporter to enter."""

from contextlib import closing
from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse

from credit_reporting.models import AccountKind, Finding, Metro2File, Report, ReportedRecord, Reporter
from loans.identity import NOBODY
from tests.integration.credit_reporting.told import borrow, content, files, live, report

pytestmark = pytest.mark.usefixtures("reporter")


@pytest.fixture
def superuser():
    return by(User(username="operator", is_staff=True, is_active=True, is_superuser=True))


def by(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.fixture
def january():
    """A reported month with a loan that was held back."""
    borrow("L1")
    borrow("L2", who=NOBODY)
    live(date(2023, 12, 15), date(2024, 2, 1))
    report(date(2024, 2, 1))


@pytest.mark.parametrize("model", [Report, Metro2File, ReportedRecord, Finding])
def test_what_was_told_is_only_looked_at(model, superuser, january):
    site = admin.site.get_model_admin(model)
    assert not site.has_add_permission(superuser)
    assert not site.has_change_permission(superuser)
    assert not site.has_delete_permission(superuser)
    site.changelist_view(superuser).render()
    site.change_view(superuser, str(model.objects.first().pk)).render()


@pytest.mark.parametrize("model", [Reporter, AccountKind])
def test_who_reports_what_is_entered(model, superuser):
    site = admin.site.get_model_admin(model)
    site.changelist_view(superuser).render()
    assert site.has_add_permission(superuser) is (model is AccountKind)


def test_a_report_shows_its_files_and_their_downloads(superuser, january):
    page = admin.site.get_model_admin(Report).change_view(superuser, str(Report.objects.get().pk))
    page.render()
    (file,) = files()
    link = reverse("admin:credit_reporting_metro2file_download", args=[file.pk])
    assert f'<a href="{link}">download</a>' in page.content.decode()
    assert file.sha256 in page.content.decode()


def test_the_findings_name_the_loan_that_was_held_back(superuser, january):
    page = admin.site.get_model_admin(Finding).changelist_view(superuser)
    page.render()
    assert "L2" in page.content.decode()
    assert "enter them" in page.content.decode()


def test_a_file_is_downloaded_as_it_is_stored(superuser, january):
    (file,) = files()
    response = admin.site.get_model_admin(Metro2File).download(superuser, file.pk)
    with closing(response):
        assert b"".join(response.streaming_content).decode().splitlines() == content(file)
    assert response["Content-Disposition"] == 'attachment; filename="equifax-v1.txt"'


def test_who_may_not_look_at_files_gets_none(january):
    staff = User(username="temp", is_staff=True, is_active=True)
    staff.save()
    with pytest.raises(PermissionDenied):
        admin.site.get_model_admin(Metro2File).download(by(staff), files()[0].pk)


def test_a_visitor_is_sent_to_the_login(january):
    site = admin.site.get_model_admin(Metro2File)
    (download,) = [url for url in site.get_urls() if url.name == "credit_reporting_metro2file_download"]
    response = download.callback(by(AnonymousUser()), pk=files()[0].pk)
    assert response.status_code == 302
