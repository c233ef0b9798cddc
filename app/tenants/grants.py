"""What the app role may do: the ordinary work in every schema, no DDL, and no change to history.

The owner owns all schemas and tables, and is what `migrate`, `onboard`, `close` and retention connect as.
Everything else connects as the app role, whose rights are given here, after every migration and every clone.
History is guarded by these rights and not by triggers: the owner must prune, and has no other daily work.
"""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from psycopg.sql import Identifier

from tenants.exceptions import AppRoleError
from tenants.history import AppendOnly

# The REVOKE is for databases that were made before Postgres 15, when everybody could make tables in public.
ORDINARY = """
    REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {app};
    GRANT USAGE ON SCHEMA {schema} TO {app};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {app};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {app};
"""
APPEND_ONLY = "REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {app};"
UPDATABLE = "GRANT UPDATE ({column}) ON {schema}.{table} TO {app};"
READ_ONLY = "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {app};"

# A partition is a table of its own to GRANT; it follows the rule of the table it is a part of.
TABLES = """
    SELECT part.relname, whole.relname
    FROM pg_class part
    JOIN pg_class whole ON whole.oid = coalesce(pg_partition_root(part.oid), part.oid)
    JOIN pg_namespace schema ON schema.oid = part.relnamespace
    WHERE schema.nspname = %s AND part.relkind IN ('r', 'p')
    ORDER BY part.relname
"""
# Member of the owner, the owner itself and a superuser: Postgres answers true for all three.
APP_ROLE = "SELECT pg_has_role(oid, current_user, 'MEMBER') FROM pg_roles WHERE rolname = %s"


def apply(schema_name: str) -> None:
    """Give the app role its rights in one schema, and take back what it should not have there.

    One transaction, so that nobody ever finds history open for change; repeatable.

    Raises:
        AppRoleError: if the app role does not exist, or has the owner's own rights.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _check_app_role()
        cursor.execute("".join(_statements(schema_name)))


def _check_app_role() -> None:
    role = settings.MATINS_APP_DB_USER
    with connection.cursor() as cursor:
        cursor.execute(APP_ROLE, [role])
        found = cursor.fetchone()
    if found is None:
        raise AppRoleError(f"There is no role {role!r}: create it with LOGIN, or name another in DATABASE_URL.")
    if found[0]:
        raise AppRoleError(
            f"The app role {role!r} has all the owner's rights, so it could drop schemas and change history: "
            "let DATABASE_URL and DATABASE_OWNER_URL name two roles, and grant the app's role nothing."
        )


def _statements(schema_name: str) -> Iterator[str]:
    models = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    histories = {model._meta.db_table: model for model in models}  # noqa: SLF001
    yield _statement(ORDINARY, schema_name)
    for table, whole in _tables(schema_name):
        if whole == "django_migrations":
            yield _statement(READ_ONLY, schema_name, table)
        elif whole in histories:
            yield from _history_statements(schema_name, table, histories[whole])


def _history_statements(schema_name: str, table: str, model: type[AppendOnly]) -> Iterator[str]:
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}  # noqa: SLF001
    yield _statement(APPEND_ONLY, schema_name, table)
    for name in model.updatable:
        yield _statement(UPDATABLE, schema_name, table, columns[name])


def _tables(schema_name: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES, [schema_name])
        return list(cursor.fetchall())


def _statement(template: str, schema_name: str, table: str = "", column: str = "") -> str:
    app = settings.MATINS_APP_DB_USER
    names = {"schema": schema_name, "table": table, "column": column, "app": app}
    return template.format(**{key: Identifier(name).as_string() for key, name in names.items()})
