"""A tenant is onboarded whole or not at all, whatever happens on the way."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.errors import CheckViolation

from common import clock
from tenants import template
from tenants.exceptions import InvalidNameError, TemplateStaleError, TenantExistsError
from tenants.locks import participation_lock
from tenants.models import Domain, Tenant
from tenants.names import RESERVED_WORDS, TEMPLATE_SCHEMA
from tenants.services import close, onboard
from tests.integration.tenants.waiting import schemas, wait_for_somebody_to_wait
from tests.processes import APP

EVE = datetime(2018, 6, 30, 12, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("night")


def test_an_onboarded_tenant_has_a_row_a_domain_and_a_schema():
    tenant = onboard(schema_name="acme", name="Acme Loans", domain="acme.example.com", enabled_at=EVE)
    saved = Tenant.objects.get()
    assert (saved.pk, saved.schema_name, saved.name, saved.status, saved.enabled_at) == (
        tenant.pk,
        "acme",
        "Acme Loans",
        "active",
        EVE,
    )
    assert list(Domain.objects.values_list("domain", "tenant", "is_primary")) == [("acme.example.com", tenant.pk, True)]
    assert schemas() == {"acme", TEMPLATE_SCHEMA}


def test_a_tenant_is_enabled_now_on_the_business_clock_unless_told_otherwise():
    clock.set_to(EVE)
    enabled_at = onboard(schema_name="acme", name="Acme").enabled_at
    assert enabled_at.date() == EVE.date()
    assert enabled_at.tzinfo is UTC


def test_an_instant_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        onboard(schema_name="acme", name="Acme", enabled_at=EVE.replace(tzinfo=None))
    assert not Tenant.objects.exists()


def test_onboarding_leaves_the_connection_on_public(make_tenant):
    make_tenant("acme")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        assert cursor.fetchone() == ("public",)
    assert connection.schema_name == "public"


@pytest.mark.parametrize(
    "names",
    [
        {"schema_name": "Acme", "name": "Acme"},
        {"schema_name": "acme", "name": " "},
        {"schema_name": "acme", "name": "Acme", "domain": "acme.example.com:80"},
    ],
)
def test_a_name_that_cannot_be_used_leaves_nothing_behind(names):
    with pytest.raises(InvalidNameError):
        onboard(**names)
    assert schemas() == {TEMPLATE_SCHEMA}
    assert not Tenant.objects.exists()


def test_a_taken_name_is_refused_also_after_its_tenant_was_closed_and_dropped(make_tenant):
    make_tenant("acme")
    with pytest.raises(TenantExistsError, match="acme is a tenant already"):
        make_tenant("acme")
    close(schema_name="acme", drop_schema=True)
    with pytest.raises(TenantExistsError, match="acme is a tenant already"):
        make_tenant("acme")
    assert schemas() == {TEMPLATE_SCHEMA}


def test_a_schema_that_belongs_to_no_tenant_is_not_taken_over(make_tenant):
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA acme")
    with pytest.raises(TenantExistsError, match="A schema acme without a tenant is in the way"):
        make_tenant("acme")
    assert not Tenant.objects.exists()


def test_a_taken_domain_is_refused_before_anything_is_made():
    onboard(schema_name="acme", name="Acme", domain="loans.example.com")
    with pytest.raises(TenantExistsError, match=r"loans\.example\.com leads to another tenant"):
        onboard(schema_name="beta", name="Beta", domain="loans.example.com")
    assert schemas() == {"acme", TEMPLATE_SCHEMA}


def test_six_tenants_can_be_onboarded_at_once(in_thread):
    names = [f"tenant_{number}" for number in range(6)]
    begun = [in_thread(onboard, schema_name=name, name=name) for name in names]
    assert [future.result(60).schema_name for future in begun] == names
    assert schemas() == {*names, TEMPLATE_SCHEMA}


def test_of_two_onboardings_of_one_name_at_once_one_is_refused(in_thread):
    begun = [in_thread(onboard, schema_name="acme", name=name) for name in ("First", "Second")]
    outcomes = [future.exception(60) for future in begun]
    assert [type(outcome) for outcome in outcomes if outcome] == [TenantExistsError]
    assert Tenant.objects.count() == 1


def test_while_windows_are_opened_a_new_tenant_is_not_there_and_afterwards_it_is(in_thread):
    with transaction.atomic():
        participation_lock()
        begun = in_thread(onboard, schema_name="acme", name="Acme")
        wait_for_somebody_to_wait()
        assert not Tenant.objects.exists()
    assert begun.result(60).pk == Tenant.objects.get().pk


def test_windows_are_opened_while_a_clone_is_made(in_thread, elsewhere):
    # The clone waits here for the template; whoever opens windows must not wait for it in turn.
    elsewhere.execute(f"LOCK TABLE {TEMPLATE_SCHEMA}.django_migrations IN EXCLUSIVE MODE")
    begun = in_thread(onboard, schema_name="acme", name="Acme")
    wait_for_somebody_to_wait()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '1s'")
        participation_lock()
    elsewhere.rollback()
    assert begun.result(60).schema_name == "acme"


def test_an_onboarding_killed_at_its_last_step_leaves_nothing_and_can_be_repeated(process_env, make_tenant):
    with transaction.atomic():
        participation_lock()  # The last step before the rows: by now the schema is cloned.
        command = [sys.executable, "manage.py", "onboard", "acme", "--name", "Acme"]
        process = subprocess.Popen(command, cwd=APP, env={**os.environ, "PYTHONPATH": f"{APP.parent}"})
        wait_for_somebody_to_wait()
        process.send_signal(signal.SIGKILL)
        process.wait()
    make_tenant("acme")
    assert Tenant.objects.count() == 1


def test_a_template_behind_the_code_is_not_cloned(make_tenant):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TEMPLATE_SCHEMA}.django_migrations WHERE app = 'tenants'")
        with pytest.raises(TemplateStaleError, match=r"The template lacks tenants\.0001_initial: run"):
            make_tenant("acme")
        transaction.set_rollback(True)


def test_a_missing_template_is_not_cloned(make_tenant):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER SCHEMA {TEMPLATE_SCHEMA} RENAME TO gone")
        with pytest.raises(TemplateStaleError, match=r"run `manage\.py migrate` first"):
            make_tenant("acme")
        transaction.set_rollback(True)


def test_the_template_lacks_nothing_after_migrate():
    assert template.pending(TEMPLATE_SCHEMA) == []


@pytest.mark.parametrize(
    "row",
    [
        {"schema_name": "public", "name": "x"},
        {"schema_name": "pg_acme", "name": "x"},
        {"schema_name": "acme-bank", "name": "x"},
        {"schema_name": "matins_template", "name": "x"},
        {"schema_name": "acme", "name": " \n"},
        {"schema_name": "acme", "name": "x", "status": "paused"},
    ],
)
def test_the_database_itself_refuses_rows_that_no_service_would_write(row):
    with pytest.raises(IntegrityError) as refusal:
        Tenant.objects.create(enabled_at=EVE, **row)
    assert isinstance(refusal.value.__cause__, CheckViolation)


def test_no_word_that_postgres_reserves_is_missing_from_the_list():
    with connection.cursor() as cursor:
        cursor.execute("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')")
        assert {word for (word,) in cursor.fetchall()} <= RESERVED_WORDS
