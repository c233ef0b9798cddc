"""The operator's commands: what they print, what a rehearsal keeps, and that a refusal is one line."""

import json
import os
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from tenants.models import Domain, Tenant
from tenants.names import TEMPLATE_SCHEMA
from tenants.services import onboard, suspend
from tenants.signals import tenant_status_changed
from tests.integration.tenants.test_onboarding import EVE
from tests.integration.tenants.waiting import schemas
from tests.processes import APP

pytestmark = pytest.mark.usefixtures("night")


def output(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments):
    with pytest.raises(CommandError) as refused:
        output(*arguments)
    return str(refused.value)


def statuses():
    return dict(Tenant.objects.values_list("schema_name", "status"))


def test_onboard_makes_a_tenant_as_told():
    arguments = ("--name", "Acme", "--domain", "acme.example.com", "--enabled-at", "2018-06-30T12:00")
    assert output("onboard", "acme", *arguments) == "acme is onboarded, enabled at 2018-06-30 12:00 UTC.\n"
    assert Tenant.objects.get().enabled_at == EVE
    assert Domain.objects.get().domain == "acme.example.com"


@pytest.mark.parametrize("instant", ["2018-06-30T12:00", "2018-06-30T12:00Z", "2018-06-30T14:00+02:00"])
def test_an_instant_is_in_utc_unless_it_says_otherwise(instant):
    output("onboard", "acme", "--name", "Acme", "--enabled-at", instant)
    assert Tenant.objects.get().enabled_at == EVE


def test_suspend_resume_and_close_say_what_they_did(make_tenant):
    make_tenant("acme")
    assert output("suspend", "acme") == "acme is suspended.\n"
    assert output("resume", "acme", "--catch-up") == "acme is active.\n"
    assert output("close", "acme") == "acme is closed, its schema is kept.\n"
    assert output("close", "acme", "--drop-schema") == "acme is closed, its schema is dropped.\n"
    assert schemas() == {TEMPLATE_SCHEMA}


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("onboard", ("beta", "--name", "Beta"), "beta is onboarded, enabled at "),
        ("suspend", ("acme",), "acme is suspended."),
        ("resume", ("dormant",), "dormant is active."),
        ("close", ("acme", "--drop-schema"), "acme is closed, its schema is dropped."),
    ],
)
def test_a_rehearsal_says_what_would_happen_and_keeps_nothing(command, arguments, said, make_tenant):
    make_tenant("acme")
    make_tenant("dormant")
    suspend(schema_name="dormant")
    assert output(command, *arguments, "--dry-run").startswith(f"Rehearsed only, nothing is kept: {said}")
    assert statuses() == {"acme": "active", "dormant": "suspended"}
    assert schemas() == {"acme", "dormant", TEMPLATE_SCHEMA}


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
@pytest.mark.parametrize(
    ("command", "arguments", "reason"),
    [
        ("onboard", ("acme", "--name", "Acme"), "acme is a tenant already; a name is used once, even after closing."),
        ("onboard", ("beta", "--name", ""), "A tenant's name has 1 to 200 characters; this one has 0."),
        ("suspend", ("ghost",), "There is no tenant 'ghost'; `manage.py tenants` lists them."),
        ("resume", ("ghost",), "There is no tenant 'ghost'; `manage.py tenants` lists them."),
        ("close", ("ghost",), "There is no tenant 'ghost'; `manage.py tenants` lists them."),
    ],
)
def test_a_refusal_is_the_same_in_a_rehearsal(command, arguments, reason, dry_run, make_tenant):
    make_tenant("acme")
    assert refusal(command, *arguments, *dry_run) == reason


def test_a_rehearsed_resume_asks_the_listeners_too(make_tenant):
    make_tenant("acme")
    suspend(schema_name="acme")
    heard = []

    def listen(*, catch_up, **_):
        heard.append(catch_up)

    tenant_status_changed.connect(listen)
    try:
        output("resume", "acme", "--catch-up", "--dry-run")
    finally:
        tenant_status_changed.disconnect(listen)
    assert heard == [True]
    assert statuses() == {"acme": "suspended"}


def test_the_app_role_is_told_that_onboarding_is_the_owners_work(process_env):
    done = subprocess.run(
        [sys.executable, "manage.py", "onboard", "acme", "--name", "Acme"],
        cwd=APP,
        env={**process_env, "PYTHONPATH": str(APP.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        f"CommandError: permission denied for schema {TEMPLATE_SCHEMA}; "
        "this is the owner's work: set MATINS_DB_ROLE=owner and DATABASE_OWNER_URL.\n"
    )


def test_the_app_role_may_suspend(make_tenant, process_env):
    make_tenant("acme")
    subprocess.run(
        [sys.executable, "manage.py", "suspend", "acme"],
        cwd=APP,
        env={**process_env, "PYTHONPATH": str(APP.parent)},
        check=True,
    )
    assert statuses() == {"acme": "suspended"}


def test_tenants_lists_everybody_by_schema_name(monkeypatch):
    monkeypatch.setitem(os.environ, "COLUMNS", "100")
    onboard(schema_name="dormant", name="Dormant", enabled_at=EVE)
    onboard(schema_name="acme", name="Acme Loans", domain="acme.example.com", enabled_at=EVE)
    suspend(schema_name="dormant")
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in output("tenants").splitlines()]
    assert [cells for cells in lines if cells] == [
        ["acme", "Acme Loans", "active", "2018-06-30 12:00", "acme.example.com"],
        ["dormant", "Dormant", "suspended", "2018-06-30 12:00", ""],
    ]


def test_tenants_are_listed_for_machines():
    onboard(schema_name="acme", name="Acme Loans", domain="acme.example.com", enabled_at=EVE)
    assert json.loads(output("tenants", "--json")) == [
        {
            "schema_name": "acme",
            "name": "Acme Loans",
            "status": "active",
            "enabled_at": "2018-06-30T12:00:00+00:00",
            "domains": ["acme.example.com"],
        }
    ]


def test_the_list_takes_two_queries_however_long_it_is(make_tenant):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(3):
        make_tenant(f"tenant_{number}")
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        output("tenants", "--json")
    assert len([query for query in queries if query["sql"].startswith("SELECT")]) == 2
