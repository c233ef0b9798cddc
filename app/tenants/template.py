"""The template every tenant is cloned from: a schema of no tenant, migrated as a tenant's is.

A clone copies finished tables and takes a fraction of the time in which the migrations' history replays.
"""

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django_tenants.clone import CloneSchema

from tenants import locks
from tenants.exceptions import TemplateStaleError
from tenants.names import TEMPLATE_SCHEMA

Migration = tuple[str, str]

# `clone_schema` leaves UNIQUE constraints the names Postgres makes up for copies; the first migration to remove such
# a constraint by its name would then fail in every tenant onboarded before it.
MISNAMED = """
    SELECT format('ALTER TABLE %%I.%%I RENAME CONSTRAINT %%I TO %%I;', %(target)s, copy.relname, misnamed.conname,
        original.conname)
    FROM pg_constraint original
    JOIN pg_class source ON source.oid = original.conrelid
    JOIN pg_class copy ON copy.relname = source.relname AND copy.relnamespace = %(target)s::regnamespace
    JOIN pg_constraint misnamed ON misnamed.conrelid = copy.oid AND misnamed.contype = original.contype
        AND pg_get_constraintdef(misnamed.oid) = pg_get_constraintdef(original.oid)
        AND misnamed.conname <> original.conname
    WHERE original.connamespace = %(source)s::regnamespace AND original.contype = 'u'
"""


class _InstalledClone(CloneSchema):  # type: ignore[misc]
    """django-tenants' clone, taking its functions as `install` left them.

    Making 4,500 lines of plpgsql anew for every tenant costs as much again as the clone itself.
    """

    def _create_clone_schema_function(self) -> None:
        """Leave the installed functions alone."""


@transaction.atomic
def install() -> None:
    """Install this version of django-tenants' clone functions, and make the template's schema if there is none."""
    locks.clone_lock()
    CloneSchema()._create_clone_schema_function()  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {TEMPLATE_SCHEMA}")


def clone(schema_name: str) -> None:
    """Make `schema_name` a copy of the template, in the caller's transaction and under its `clone_lock`.

    Raises:
        TemplateStaleError: if the template is missing or lacks a migration of this code.
    """
    if behind := pending(TEMPLATE_SCHEMA):
        raise TemplateStaleError(f"The template lacks {'.'.join(behind[0])}: run `manage.py migrate` first.")
    with connection.cursor() as cursor:
        # No migration of the template can commit half-way through the copy: each adds a row to its history.
        cursor.execute(f"LOCK TABLE {TEMPLATE_SCHEMA}.django_migrations IN SHARE MODE")
    copy(TEMPLATE_SCHEMA, schema_name)


def copy(source: str, target: str) -> None:
    """Make the schema `target` equal to `source` in every object, name and row."""
    _InstalledClone().clone_schema(source, target, "DATA")
    with connection.cursor() as cursor:
        cursor.execute(MISNAMED, {"source": source, "target": target})
        cursor.execute("".join(statement for (statement,) in cursor.fetchall()))
    # The function leaves a search path of its own.
    connection.set_schema_to_public()  # type: ignore[attr-defined]


def pending(schema_name: str) -> list[Migration]:
    """Return the migrations of this code, as (app, name), that a schema's history does not hold yet."""
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return sorted(set(known) - _applied(f"{connection.ops.quote_name(schema_name)}.django_migrations"))


def _applied(history: str) -> set[Migration]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [history])
        if cursor.fetchone() == (None,):
            return set()
        cursor.execute(f"SELECT app, name FROM {history}")
        return set(cursor.fetchall())
