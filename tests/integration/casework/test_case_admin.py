"""Cases in the admin, with their stories, and how the work on them is arranged: to look at."""

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory

from casework.models import Agent, Calendar, Campaign, Case, Queue
from casework.services import define_campaign, define_queue, define_rule
from tests.integration.casework.cases import agents, assign, detect, dispute, sla
from tests.integration.delinquency.behind import make_loan


@pytest.mark.parametrize("model", [Case, Queue, Agent, Calendar, Campaign])
def test_they_are_looked_at_in_the_admin_and_not_changed(books, model):
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    sla()
    agents("ann")
    define_queue(code="late")
    define_rule(priority=1, queue_code="late", starts_on=date(2024, 1, 1), min_days=30)
    define_campaign(code="soon", trigger="due soon", days_ahead=5, starts_on=date(2024, 1, 1))
    make_loan("L2", dues=["2024-03-05"])
    detect("03-01")
    assign("03-01")
    dispute()
    site = admin.site.get_model_admin(model)
    assert site.has_view_permission(request)
    assert not site.has_add_permission(request)
    assert not site.has_change_permission(request)
    assert not site.has_delete_permission(request)
    for page in (site.changelist_view(request), site.change_view(request, str(model.objects.first().pk))):
        page.render()
        assert page.status_code == 200
