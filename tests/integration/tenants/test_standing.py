"""Suspend, resume, close: what each changes, what it waits for, and who may refuse it."""

import pytest
from django.db import connection, transaction

from tenants.exceptions import TenantClosedError, TenantNotSuspendedError, UnknownTenantError
from tenants.locks import BODY, clone_lock, participation_lock
from tenants.models import Domain, Tenant
from tenants.names import TEMPLATE_SCHEMA
from tenants.services import close, onboard, resume, suspend
from tenants.signals import tenant_status_changed
from tests.integration.tenants.waiting import schemas, wait_for_somebody_to_wait

A_BODY = f"SELECT {BODY} FROM tenants_tenant t WHERE schema_name = 'acme'"

pytestmark = pytest.mark.usefixtures("night")


@pytest.fixture
def heard():
    """The changes of status that were told, each with whether a transaction was open."""
    changes = []

    def listen(*, sender, tenant, old, new, catch_up, **_):
        changes.append((tenant.schema_name, old, new, catch_up, connection.in_atomic_block))

    tenant_status_changed.connect(listen)
    yield changes
    tenant_status_changed.disconnect(listen)


@pytest.fixture
def refusal():
    """A listener that refuses every change."""

    def refuse(**_):
        raise LookupError("the books say no")

    tenant_status_changed.connect(refuse)
    yield
    tenant_status_changed.disconnect(refuse)


def status(schema_name="acme"):
    return Tenant.objects.get(schema_name=schema_name).status


def test_every_change_is_told_once_inside_its_transaction(make_tenant, heard):
    make_tenant("acme")
    for change in (suspend, suspend, resume, resume, close, close):
        change(schema_name="acme")
    assert heard == [
        ("acme", "active", "suspended", False, True),
        ("acme", "suspended", "active", False, True),
        ("acme", "active", "closed", False, True),
    ]


def test_a_resume_with_catch_up_says_so(make_tenant, heard):
    make_tenant("acme")
    suspend(schema_name="acme")
    resume(schema_name="acme", catch_up=True)
    assert heard[-1] == ("acme", "suspended", "active", True, True)
    assert status() == "active"


def test_an_active_tenant_has_nothing_to_catch_up(make_tenant, heard):
    make_tenant("acme")
    with pytest.raises(TenantNotSuspendedError, match="acme is active"):
        resume(schema_name="acme", catch_up=True)
    assert heard == []


def test_a_change_concerns_its_tenant_alone(make_tenant):
    make_tenant("acme")
    make_tenant("beta")
    suspend(schema_name="acme")
    assert (status("acme"), status("beta")) == ("suspended", "active")


@pytest.mark.parametrize("change", [suspend, resume, close])
def test_a_tenant_that_is_not_there_is_named(change):
    with pytest.raises(UnknownTenantError, match="There is no tenant 'ghost'"):
        change(schema_name="ghost")


@pytest.mark.parametrize("change", [suspend, resume])
def test_a_closed_tenant_stays_closed(change, make_tenant, heard):
    make_tenant("acme")
    close(schema_name="acme")
    with pytest.raises(TenantClosedError, match="acme is closed for good"):
        change(schema_name="acme")
    assert status() == "closed"
    assert len(heard) == 1


@pytest.mark.parametrize("change", [suspend, close])
def test_what_a_listener_refuses_did_not_happen(change, make_tenant, refusal):
    onboard(schema_name="acme", name="Acme", domain="acme.example.com")
    with pytest.raises(LookupError, match="the books say no"):
        change(schema_name="acme")
    assert status() == "active"
    assert Domain.objects.count() == 1


def test_a_running_body_does_not_keep_its_tenant_from_being_suspended(make_tenant, elsewhere):
    make_tenant("acme")
    elsewhere.execute(A_BODY)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '2s'")
    suspend(schema_name="acme")
    assert status() == "suspended"


@pytest.mark.parametrize("change", [suspend, resume, close])
def test_a_change_waits_for_whoever_opens_windows(change, make_tenant, in_thread):
    make_tenant("acme")
    suspend(schema_name="acme")
    with transaction.atomic():
        participation_lock()
        begun = in_thread(change, schema_name="acme")
        wait_for_somebody_to_wait()
        assert status() == "suspended"
    begun.result(60)


def test_closing_ends_with_the_last_running_body_but_lets_nothing_new_begin(make_tenant, elsewhere, in_thread):
    make_tenant("acme")
    elsewhere.execute(A_BODY)
    begun = in_thread(close, schema_name="acme", drop_schema=True)
    wait_for_somebody_to_wait()
    assert status() == "closed"
    assert schemas() == {"acme", TEMPLATE_SCHEMA}
    elsewhere.rollback()
    assert begun.result(60).status == "closed"
    assert schemas() == {TEMPLATE_SCHEMA}


def test_windows_are_opened_while_closing_waits_for_a_body(make_tenant, elsewhere, in_thread):
    make_tenant("acme")
    elsewhere.execute(A_BODY)
    begun = in_thread(close, schema_name="acme")
    wait_for_somebody_to_wait()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        participation_lock()
    elsewhere.rollback()
    begun.result(60)


def test_closing_keeps_the_schema_and_the_row_and_frees_the_domain(make_tenant):
    onboard(schema_name="acme", name="Acme", domain="loans.example.com")
    close(schema_name="acme")
    assert schemas() == {"acme", TEMPLATE_SCHEMA}
    assert status() == "closed"
    onboard(schema_name="beta", name="Beta", domain="loans.example.com")


def test_a_closed_tenants_schema_can_be_dropped_later_and_again(make_tenant):
    make_tenant("acme")
    make_tenant("beta")
    close(schema_name="acme")
    close(schema_name="acme", drop_schema=True)
    close(schema_name="acme", drop_schema=True)
    assert schemas() == {"beta", TEMPLATE_SCHEMA}


@pytest.mark.parametrize("lock", [participation_lock, clone_lock])
def test_a_lock_outside_a_transaction_is_refused(lock):
    with pytest.raises(transaction.TransactionManagementError, match="open one first"):
        lock()
