"""At one tenant's site nothing of another tenant can be read: every list and every row of the admin."""

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django_tenants.utils import schema_context

from tests.integration.loans.books import accrue, make_loan
from tests.integration.security.sites import at_home, give_sites, host_of
from tests.stage import EVE

SHARED = [model for model in admin.site._registry if model._meta.app_label not in settings.TENANT_APPS]
THEIRS = [model for model in admin.site._registry if model._meta.app_label in settings.TENANT_APPS]


def page(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@pytest.fixture
def rich_beta(nightly):
    """beta has books, with its name in them; acme has none."""
    with schema_context("beta"):
        make_loan("OF-BETA")
        accrue(EVE.date())
    give_sites("acme", "beta")


def first_of_beta(model):
    """Return a row that only beta has, if there is any."""
    with schema_context("acme"):
        known = set(model.objects.values_list("pk", flat=True))
    with schema_context("beta"):
        return next((pk for pk in model.objects.values_list("pk", flat=True) if pk not in known), None)


def test_every_list_of_the_admin_shows_a_tenants_own_rows_only(rich_beta):
    at_acme, at_beta = at_home("acme"), at_home("beta")
    shown = 0
    for model in THEIRS:
        answers = [client.get(page(model, "changelist")) for client in (at_acme, at_beta)]
        assert [answer.status_code for answer in answers] == [200, 200], model
        assert "OF-BETA" not in answers[0].content.decode(), model
        shown += "OF-BETA" in answers[1].content.decode()
    assert shown > 1, "beta's rows are nowhere to be seen, not even at its own site"


def test_no_row_of_another_tenant_opens_by_its_number(rich_beta):
    at_acme, at_beta = at_home("acme"), at_home("beta")
    opened = 0
    for model in THEIRS:
        if (number := first_of_beta(model)) is None:
            continue
        for name in ("change", "history", "delete"):
            answer = at_acme.get(page(model, name, number))
            assert answer.status_code in {302, 403}, (model, name)
            assert "OF-BETA" not in answer.content.decode()
        opened += at_beta.get(page(model, "change", number)).status_code == 200
    assert opened > 3


def test_somebody_bound_to_a_tenant_is_let_in_at_its_site_only(rich_beta):
    bound = at_home("acme", bound_to=["acme"])
    at_beta = at_home("beta", bound_to=["acme"])
    public = at_home("acme", bound_to=["acme"])
    public.defaults["HTTP_HOST"] = "localhost"
    for model in admin.site._registry:
        path = page(model, "changelist")
        assert bound.get(path).status_code == (200 if model in THEIRS else 302), model
        assert at_beta.get(path).status_code == 302, model
        assert public.get(path).status_code == 302, model
    assert bound.get("/admin/").status_code == 200
    assert at_beta.get("/admin/").status_code == 302
    assert bound.get("/admin/autocomplete/?app_label=auth&model_name=user&field_name=groups").status_code == 302


def test_somebody_who_may_see_tenants_and_is_bound_to_one_sees_no_list_of_them(rich_beta):
    client = at_home("acme", bound_to=["acme"])
    clerk = User.objects.get()
    clerk.is_superuser = False
    clerk.save()
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_tenant", "view_token", "view_loan"]))
    assert client.get("/admin/loans/loan/").status_code == 200
    for model in SHARED:
        assert client.get(page(model, "changelist")).status_code == 302, model
        assert client.get(f"/admin/{model._meta.app_label}/").status_code == 302, model


def test_a_session_carried_to_another_tenants_site_opens_nothing_there(rich_beta):
    bound = at_home("acme", bound_to=["acme"])
    carried = Client(HTTP_HOST=host_of("beta"))
    carried.cookies = bound.cookies
    assert carried.get("/admin/loans/loan/").status_code == 302
    assert carried.get("/night/tenants/beta").status_code == 404


def test_the_admin_has_a_list_of_every_tenant_app(rich_beta):
    labels = {model._meta.app_label for model in THEIRS}
    assert {app for app in settings.TENANT_APPS if "." not in app} == labels
