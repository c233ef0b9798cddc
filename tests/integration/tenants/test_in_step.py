"""Which tenants a deployment leaves alone: those that lack nothing of what the template has, and no others."""

import pytest
from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege

from tenants import migration
from tenants.in_step import in_step
from tenants.names import TEMPLATE_SCHEMA

pytestmark = pytest.mark.usefixtures("night")

NAMES = ["acme", "beta"]
LACKS = {
    "a migration": "DELETE FROM beta.django_migrations WHERE app = 'nightjobs'",
    "all migrations": "DROP TABLE beta.django_migrations",
    "a table": "DROP TABLE beta.nightjobs_effect",
    "a right to a table": "REVOKE SELECT ON beta.nightjobs_effect FROM matins_app",
    "a right to a sequence": "REVOKE USAGE ON SEQUENCE beta.nightjobs_effect_id_seq FROM matins_app",
    "the right to enter": "REVOKE USAGE ON SCHEMA beta FROM matins_app",
    "a prohibition for a table": "GRANT DELETE ON beta.loans_transaction TO matins_app",
    "a prohibition for a column": "GRANT UPDATE (starts_on) ON beta.delinquency_pause TO matins_app",
    "its schema": "DROP SCHEMA beta CASCADE",
}


@pytest.fixture
def tenants(make_tenant):
    for name in NAMES:
        make_tenant(name)


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_tenants_that_were_just_onboarded_are(tenants):
    assert in_step(NAMES) == set(NAMES)


def test_tenants_that_were_just_migrated_are(tenants):
    for name in NAMES:
        sql(f"DROP TABLE {name}.nightjobs_effect; DELETE FROM {name}.django_migrations WHERE app = 'nightjobs'")
    assert in_step(NAMES) == set()
    list(migration.migrate_each(NAMES, processes=2))
    assert in_step(NAMES) == set(NAMES)


def test_one_that_lacks_anything_is_not(tenants):
    assert {what: in_step_after(statement) for what, statement in LACKS.items()} == {what: {"acme"} for what in LACKS}


def in_step_after(statement):
    with transaction.atomic():
        sql(statement)
        found = in_step(NAMES)
        transaction.set_rollback(True)
        return found


def test_none_is_while_the_template_lacks_a_migration(tenants):
    assert in_step_after(f"DELETE FROM {TEMPLATE_SCHEMA}.django_migrations WHERE app = 'nightjobs'") == set()


def test_to_ask_gives_the_app_role_nothing_in_the_template(tenants, app_role):
    in_step(NAMES)
    with pytest.raises(InsufficientPrivilege):
        app_role.execute(f"SELECT FROM {TEMPLATE_SCHEMA}.loans_loan")


def test_thirty_are_found_in_as_many_statements_as_two(tenants):
    with connection.execute_wrapper(counted := Counted()):
        in_step(NAMES)
        two = counted.statements
        in_step([*NAMES, *(f"ghost_{number}" for number in range(28))])
    assert counted.statements == 2 * two


class Counted:
    """How many statements were executed."""

    def __init__(self):
        self.statements = 0

    def __call__(self, execute, *args):
        self.statements += 1
        return execute(*args)
