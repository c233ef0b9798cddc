"""Fees and delinquency in the admin: all to look at, nothing but caps to change."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from delinquency.models import Backlog, Default, Flag, Pause, Standing
from fees.models import Fee, FeeDefinition, LateFeeCap
from tests.integration.delinquency.behind import make_loan, make_product, night
from tests.integration.fees.charged import late


@pytest.mark.parametrize("model", [Standing, Default, Pause, Flag, Backlog, Fee, FeeDefinition])
def test_nobody_changes_them_in_the_admin(books, model):
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    site = admin.site.get_model_admin(model)
    make_loan(dues=["2024-01-01"], product=make_product("plain", late_fee_flat="5.00"))
    night(date(2024, 1, 17))
    late(date(2024, 1, 17))
    assert site.has_view_permission(request)
    assert not site.has_add_permission(request)
    assert not site.has_change_permission(request)
    assert not site.has_delete_permission(request)
    listed = site.changelist_view(request)
    listed.render()
    assert listed.status_code == 200


def test_caps_are_entered_in_the_admin(books):
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    assert admin.site.get_model_admin(LateFeeCap).has_add_permission(request)
