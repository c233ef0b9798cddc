"""The pages of compliance: all to look at, entered by commands."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from compliance import services
from compliance.models import Dispute, Engine, Finding, Licence, Lien, LienAlert, Report, Rule
from tests.integration.compliance.findings import check
from tests.integration.payments.money import lend

pytestmark = pytest.mark.usefixtures("books")

DAY = date(2024, 5, 1)


@pytest.fixture
def superuser():
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    return request


@pytest.fixture
def rows(books):
    """One row of everything."""
    lend("L1", rate="0.12")
    services.record_status(loan_number="L1", status="scra", since=date(2024, 4, 1), until=None, today=date(2024, 4, 1))
    services.record_dispute(reference="D1", loan_number="L1", received_on=DAY)
    services.record_licence(state="CA", number="1", starts_on=DAY, expires_on=DAY)
    services.define_engine(code="watch", url="https://x.example/", token_variable="MATINS_ENGINE_TOKEN_X")
    services.file_lien(reference="UCC-1", loan_number="L1", kind="ucc", filed_on=date(2019, 6, 1))
    services.check_expirations(business_date=DAY)
    check("scra-rate-cap", DAY)


@pytest.mark.parametrize("model", [Rule, Finding, Engine, Report, Licence, Dispute, Lien, LienAlert])
def test_lists_and_rows_are_shown_and_nothing_is_changed(model, rows, superuser):
    site = admin.site.get_model_admin(model)
    assert not site.has_add_permission(superuser)
    assert not site.has_change_permission(superuser)
    assert not site.has_delete_permission(superuser)
    listed = site.changelist_view(superuser)
    listed.render()
    assert listed.status_code == 200
    page = site.change_view(superuser, str(model.objects.first().pk))
    page.render()
    assert page.status_code == 200


@pytest.mark.parametrize(("state", "shown"), [("open", 1), ("resolved", 0)])
def test_findings_are_told_apart_and_have_their_history(rows, superuser, state, shown):
    request = RequestFactory().get("/", {"state": state})
    request.user = superuser.user
    listed = admin.site.get_model_admin(Finding).changelist_view(request)
    assert listed.context_data["cl"].result_count == shown
    page = admin.site.get_model_admin(Finding).change_view(superuser, str(Finding.objects.get().pk))
    page.render()
    assert "opened on 2024-05-01" in page.content.decode()
