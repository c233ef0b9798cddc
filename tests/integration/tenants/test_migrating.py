"""Migrating the deployment: public and the template by one command, the tenants in parallel, again after a failure."""

import os
import signal
import subprocess
import sys
from io import StringIO
from multiprocessing import active_children

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tenants import template
from tenants.migration import Migrated, migrate_each
from tenants.models import Tenant
from tenants.names import TEMPLATE_SCHEMA
from tenants.services import close
from tests.integration.tenants.waiting import wait_for_somebody_to_wait
from tests.processes import APP

pytestmark = pytest.mark.usefixtures("night")

LACKING = [("nightjobs", "0001_initial")]
UNDO = "DROP TABLE {schema}.nightjobs_effect; DELETE FROM {schema}.django_migrations WHERE app = 'nightjobs'"
# Keeps the migration that makes this table from succeeding.
IN_THE_WAY = "CREATE TABLE beta.nightjobs_effect ()"


@pytest.fixture
def behind(make_tenant):
    """Three tenants whose schemas were left behind by a migration."""
    names = ["acme", "beta", "coda"]
    for name in names:
        make_tenant(name)
        sql(UNDO.format(schema=name))
    assert [template.pending(name) for name in names] == [LACKING] * 3
    return names


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def migrate_tenants(**options):
    out, err = StringIO(), StringIO()
    try:
        call_command("migrate_tenants", processes=2, stdout=out, stderr=err, **options)
    except CommandError as error:
        return out.getvalue(), err.getvalue(), str(error)
    return out.getvalue(), err.getvalue(), ""


def test_every_tenant_is_brought_in_step_and_the_app_role_may_work_there(behind, app_role):
    assert migrate_tenants() == ("3 of 3 tenants migrated, the others were in step.\n", "", "")
    assert [template.pending(name) for name in behind] == [[], [], []]
    for name in behind:
        app_role.execute(f"INSERT INTO {name}.nightjobs_effect (schedule, seen) VALUES ('x', 0)")


def test_tenants_in_step_are_left_alone(make_tenant):
    make_tenant("acme")
    assert migrate_tenants() == ("0 of 1 tenants migrated, the others were in step.\n", "", "")


def test_a_deployment_without_tenants_is_migrated():
    assert migrate_tenants() == ("0 of 0 tenants migrated, the others were in step.\n", "", "")


def test_a_tenant_that_fails_is_named_with_its_reason_and_stops_no_other(behind):
    sql(IN_THE_WAY)
    _, listed, refusal = migrate_tenants()
    assert listed == 'beta: ProgrammingError: relation "nightjobs_effect" already exists\n'
    assert refusal == "1 of 3 tenants failed; remove the causes and repeat."
    assert [template.pending(name) for name in behind] == [[], LACKING, []]


def test_a_repetition_migrates_what_had_failed_and_nothing_else(behind):
    sql(IN_THE_WAY)
    migrate_tenants()
    sql("DROP TABLE beta.nightjobs_effect")
    assert migrate_tenants() == ("1 of 3 tenants migrated, the others were in step.\n", "", "")


def test_a_missing_schema_is_a_failure_of_its_tenant(behind):
    sql("DROP SCHEMA coda CASCADE")
    assert migrate_tenants()[1] == 'coda: RuntimeError: Schema "coda" does not exist\n'


def test_a_closed_tenant_is_migrated_as_long_as_its_schema_is_kept(behind):
    close(schema_name="acme")
    close(schema_name="beta", drop_schema=True)
    assert migrate_tenants() == ("2 of 2 tenants migrated, the others were in step.\n", "", "")


def test_a_rehearsal_lists_what_is_missing_and_migrates_nothing(behind):
    listed = "".join(f"{name}: nightjobs.0001_initial\n" for name in behind)
    assert migrate_tenants(dry_run=True) == (listed, "", "")
    assert [template.pending(name) for name in behind] == [LACKING] * 3


def test_rights_lost_by_an_interruption_between_the_two_steps_are_given_again(make_tenant, app_role):
    make_tenant("acme")
    sql("REVOKE ALL ON ALL TABLES IN SCHEMA acme FROM matins_app")
    migrate_tenants()
    app_role.execute("SELECT 1 FROM acme.nightjobs_effect")


def test_each_outcome_tells_how_much_was_missing(behind):
    outcomes = sorted(migrate_each([*behind, "ghost"], processes=2), key=lambda outcome: outcome.schema_name)
    assert outcomes[:3] == [Migrated(schema_name=name, applied=1) for name in behind]
    assert outcomes[3] == Migrated(schema_name="ghost", failure='RuntimeError: Schema "ghost" does not exist')


def test_a_killed_process_leaves_its_tenants_to_the_repetition(behind, elsewhere):
    elsewhere.execute("LOCK TABLE beta.django_migrations IN EXCLUSIVE MODE")
    outcomes = migrate_each(behind, processes=1)
    wait_for_somebody_to_wait()
    (worker,) = active_children()
    os.kill(worker.pid, signal.SIGKILL)
    failed = [outcome for outcome in outcomes if outcome.failure]
    elsewhere.rollback()
    assert sorted(outcome.schema_name for outcome in failed) == ["beta", "coda"]
    assert all(outcome.failure.startswith("BrokenProcessPool: ") for outcome in failed)
    assert migrate_tenants()[0] == "2 of 3 tenants migrated, the others were in step.\n"


def test_a_command_killed_in_the_middle_can_be_repeated(behind, elsewhere):
    elsewhere.execute("LOCK TABLE beta.django_migrations IN EXCLUSIVE MODE")
    command = [sys.executable, "manage.py", "migrate_tenants", "--processes", "1"]
    environment = {**os.environ, "PYTHONPATH": str(APP.parent)}
    process = subprocess.Popen(command, cwd=APP, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for_somebody_to_wait()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    elsewhere.rollback()
    assert migrate_tenants()[0] == "2 of 3 tenants migrated, the others were in step.\n"
    assert [template.pending(name) for name in behind] == [[], [], []]


def test_migrate_makes_the_template_that_a_first_tenant_needs(make_tenant):
    sql(f"DROP SCHEMA {TEMPLATE_SCHEMA} CASCADE")
    call_command("migrate", verbosity=0)
    assert make_tenant("acme").status == "active"


def test_migrate_leaves_the_tenants_to_migrate_tenants(behind):
    call_command("migrate", verbosity=0)
    assert [template.pending(name) for name in behind] == [LACKING] * 3


def test_migrate_can_look_without_touching():
    sql(f"ALTER SCHEMA {TEMPLATE_SCHEMA} RENAME TO aside")
    try:
        with pytest.raises(SystemExit, match="There is no template yet"):
            call_command("migrate", check_unapplied=True, verbosity=0)
    finally:
        sql(f"ALTER SCHEMA aside RENAME TO {TEMPLATE_SCHEMA}")
    call_command("migrate", check_unapplied=True, verbosity=0)


def test_migrate_of_one_schema_migrates_that_one_alone(behind):
    call_command("migrate", schema_name="beta", verbosity=0)
    assert [template.pending(name) for name in behind] == [LACKING, [], LACKING]
    assert Tenant.objects.count() == 3
