"""The admin shows tenants and lets nobody make, remove or suspend one behind the services' backs."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from tenants.models import Tenant
from tenants.services import onboard

pytestmark = pytest.mark.usefixtures("night")


@pytest.fixture
def site():
    return admin.site.get_model_admin(Tenant)


def request(method="get", **data):
    made = getattr(RequestFactory(), method)("/", data)
    made._dont_enforce_csrf_checks = True
    made.user = User(username="root", is_superuser=True, is_staff=True)
    return made


def test_tenants_are_listed_without_an_action_to_delete_them(site, make_tenant):
    make_tenant("acme")
    page = site.changelist_view(request()).render().content.decode()
    assert "acme" in page
    assert "delete_selected" not in page


def test_only_the_name_and_the_domains_can_be_edited(site):
    tenant = onboard(schema_name="acme", name="Acme", domain="acme.example.com")
    form = site.change_view(request(), str(tenant.pk)).context_data["adminform"].form
    assert list(form.fields) == ["name"]
    assert [str(inline.opts.model.__name__) for inline in site.get_inline_instances(request(), tenant)] == ["Domain"]


def test_even_a_superuser_neither_adds_nor_deletes_a_tenant(site, make_tenant):
    tenant = make_tenant("acme")
    with pytest.raises(PermissionDenied):
        site.add_view(request("post", schema_name="beta", name="Beta"))
    with pytest.raises(PermissionDenied):
        site.delete_view(request("post", post="yes"), str(tenant.pk))
    assert list(Tenant.objects.values_list("schema_name", flat=True)) == ["acme"]
