"""A process that was taken over is still only the app role: it drops nothing, rewrites nothing, and grows no rights."""

import os

import psycopg
import pytest
from django.apps import apps

from tenants.history import AppendOnly
from tenants.names import TEMPLATE_SCHEMA

#: What somebody with a shell in a worker would try next. `acme` is theirs, `beta` is another tenant's.
TRIED = [
    *("DROP SCHEMA beta CASCADE", "ALTER SCHEMA beta RENAME TO gone", "ALTER SCHEMA beta OWNER TO matins_app"),
    *("DROP TABLE beta.loans_loan CASCADE", "TRUNCATE beta.loans_loan CASCADE", "CREATE TABLE beta.mine ()"),
    *("ALTER TABLE beta.loans_loan ADD note text", "DROP SCHEMA public CASCADE", f"DROP SCHEMA {TEMPLATE_SCHEMA}"),
    # The guards of history: its triggers, rights and owners.
    "ALTER TABLE beta.ledger_journalline DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "ALTER TABLE public.schedules_run OWNER TO matins_app",
    "CREATE TRIGGER mine BEFORE INSERT ON beta.loans_loan EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON INSERT TO beta.loans_loan DO INSTEAD NOTHING",
    "ALTER TABLE beta.ledger_journalline ENABLE ROW LEVEL SECURITY",
    # More rights for oneself.
    *("SET ROLE matins_owner", "SET SESSION AUTHORIZATION matins_owner", "ALTER ROLE matins_app SUPERUSER"),
    *("ALTER ROLE matins_owner PASSWORD 'x'", "CREATE ROLE mine SUPERUSER", "GRANT matins_owner TO matins_app"),
    *(
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "ALTER SYSTEM SET log_statement = 'all'",
    ),
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    # Out of the database.
    *(
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY public.tenants_tenant TO '/tmp/mine'",
        "SELECT pg_read_file('/etc/passwd')",
    ),
    *("SELECT lo_import('/etc/passwd')", "SELECT rolpassword FROM pg_authid", "SELECT pg_reload_conf()"),
]


#: Postgres only warns of these, and grants nothing.
GRANTED = ["GRANT DELETE ON {} TO matins_app", "GRANT ALL ON ALL TABLES IN SCHEMA acme TO matins_app"]
VERBS = ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}", "DROP TABLE {}"]


@pytest.fixture
def taken_over(nightly):
    """A session of the app role in a database of two tenants."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as session:
        yield session


def refusal(session, statement):
    """Return what Postgres refuses a statement with; None when it did it."""
    try:
        session.execute(statement)
    except psycopg.Error as error:
        return str(error).partition("\n")[0]
    return None


def test_the_app_role_grows_no_rights_and_takes_nothing_away(taken_over):
    refusals = {statement: refusal(taken_over, statement) for statement in TRIED}
    words = ("permission denied", "must be owner", "must be able to SET ROLE", "Only roles with", "is denied")
    assert {one: said for one, said in refusals.items() if not said or not any(word in said for word in words)} == {}


def test_the_app_role_rewrites_no_history_of_the_ledger_or_of_any_tenant(taken_over):
    histories = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    assert {"schedules.Window", "schedules.Run", "board.Audit"} <= {model._meta.label for model in histories}
    taken_over.execute("SET search_path = acme, public")
    for model in histories:
        table, key = model._meta.db_table, model._meta.pk.column
        for statement in GRANTED:
            taken_over.execute(statement.format(table))
        for verb in VERBS:
            said = refusal(taken_over, verb.format(table, key, key))
            assert said is not None, (model, verb)
            assert "permission denied" in said or "must be owner" in said, said


def test_only_the_marks_that_a_model_names_can_be_set_in_history(taken_over):
    taken_over.execute("SET search_path = acme, public")
    for model in (model for model in apps.get_models() if issubclass(model, AppendOnly)):
        for field in model._meta.concrete_fields:
            said = refusal(taken_over, f"UPDATE {model._meta.db_table} SET {field.column} = {field.column}")
            assert (said is None) == (field.name in model.updatable), (model._meta.label, field.name, said)
