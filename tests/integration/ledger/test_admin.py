"""Months and comparisons in the admin: to look at, with their balances and breaks."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from ledger.models import AccountingPeriod
from ledger.services import update_period_statuses
from loans.models import Reconciliation
from loans.services.reconciliation import reconcile

pytestmark = pytest.mark.usefixtures("books")

DAY = date(2024, 1, 2)


@pytest.fixture
def request_of_a_superuser():
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    return request


@pytest.mark.parametrize("model", [AccountingPeriod, Reconciliation])
def test_they_are_shown_and_nobody_changes_them(model, request_of_a_superuser):
    update_period_statuses(business_date=DAY)
    reconcile(business_date=DAY)
    site = admin.site.get_model_admin(model)
    assert site.changelist_view(request_of_a_superuser).render().status_code == 200
    shown = site.change_view(request_of_a_superuser, str(model.objects.get().pk))
    assert shown.render().status_code == 200
    assert not site.has_add_permission(request_of_a_superuser)
    assert not site.has_change_permission(request_of_a_superuser)
    assert not site.has_delete_permission(request_of_a_superuser)
