"""A tenant copied into others, and multiplied within itself, by SQL alone: many loans without months of building.

Nothing is checked again: what a copy holds was checked in the original. Only a superuser may leave that out, and the
sandbox's Postgres lets its own in.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection
from django.db.models import CharField

CONNECTIONS = 2
#: What belongs to the tenant, although it may name a loan or an entry.
SHARED = {"fees_feedefinition", "loans_reconciliation"}
#: What tells rows apart for people; a copy's begins with the copy's number.
NAMES = {"number", "reference", "subject", "loan_number"}


def copy(source: str, targets: Sequence[str]) -> None:
    """Fill tenants that were just onboarded with everything another one holds."""
    columns = _columns(source)
    _each(partial(_fill, source, columns), targets)
    _each(partial(_settle, columns), targets)


def multiply(schemas: Sequence[str], *, times: int) -> None:
    """Give each tenant so many times its loans, with all that is theirs, under ids and numbers of their own."""
    columns, changed = _columns(schemas[0]), _changed(_stride(schemas))
    grown = {
        table: {name: changed[table].get(name, name) for name in names}
        for table, names in columns.items()
        if table in changed
    }
    _each(partial(_grow, times), [(schema, table, values) for schema in schemas for table, values in grown.items()])
    _each(partial(_settle, columns), schemas)


def _fill(source: str, columns: dict[str, list[str]], target: str) -> None:
    with _superuser() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(f'{target}.{table}' for table in columns)} CASCADE")
        for table, names in columns.items():
            listed = ", ".join(names)
            cursor.execute(f"INSERT INTO {target}.{table} ({listed}) SELECT {listed} FROM {source}.{table}")


def _grow(times: int, grown: tuple[str, str, dict[str, str]]) -> None:
    schema, table, values = grown
    with _superuser() as cursor:
        cursor.execute(
            f"INSERT INTO {schema}.{table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f" FROM generate_series(1, {times - 1}) copy CROSS JOIN {schema}.{table}"
        )


def _settle(columns: dict[str, list[str]], schema: str) -> None:
    """Number on after the highest id, take copied entries for reconciled as their originals are, and vacuum."""
    with _superuser() as cursor:
        for table in (table for table, names in columns.items() if "id" in names):
            sequence = f"pg_get_serial_sequence('{schema}.{table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, max(id)) FROM {schema}.{table}")
        cursor.execute(
            f"UPDATE {schema}.loans_reconciliation"
            f" SET last_entry_id = (SELECT max(id) FROM {schema}.ledger_journalentry)"
        )
        cursor.execute(f"VACUUM ANALYZE {', '.join(f'{schema}.{table}' for table in columns)}")


def _columns(schema: str) -> dict[str, list[str]]:
    """Return the columns of each table of a tenant that has rows, the biggest table first."""
    with _superuser() as cursor:
        cursor.execute(
            """SELECT relname, array_agg(attname::text) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
               WHERE relnamespace = %s::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
                   AND relname <> 'django_migrations'
               GROUP BY pg_class.oid ORDER BY pg_table_size(pg_class.oid) DESC""",
            [schema],
        )
        return {table: names for table, names in cursor.fetchall() if _has_rows(cursor, f"{schema}.{table}")}


def _has_rows(cursor: psycopg.Cursor[Any], table: str) -> bool:
    return bool(cursor.execute(f"SELECT FROM {table} LIMIT 1").fetchall())


def _stride(schemas: Sequence[str]) -> int:
    """Return what lies between the ids of a row and of its copy: a power of ten above all that were given."""
    with _superuser() as cursor:
        cursor.execute("SELECT max(last_value) FROM pg_sequences WHERE schemaname = ANY(%s)", [list(schemas)])
        return int(10 ** len(str(cursor.fetchall()[0][0])))


def _changed(stride: int) -> dict[str, dict[str, str]]:
    """Return the tables of which each loan has rows of its own, and what a copy's row has in some of their columns."""
    fields = {model._meta.db_table: model._meta.fields for model in apps.get_models()}  # noqa: SLF001 - Django's API.
    named = {
        table: {field.column: field.related_model._meta.db_table for field in of if field.is_relation}  # noqa: SLF001
        for table, of in fields.items()
    }
    many = _of_many({table: set(of.values()) for table, of in named.items()})
    texts = {table: {field.column for field in fields[table] if isinstance(field, CharField)} for table in many}
    return {
        table: {"id": _other_id("id", stride)}
        | {column: _other_id(column, stride) for column, of in named[table].items() if of in many}
        | {column: _other_name(column, stride) for column in texts[table] & NAMES}
        for table in many
    }


def _of_many(named: dict[str, set[str]]) -> set[str]:
    """Return the tables that lead to a borrower or an entry, by the tables that each names."""
    many = {"loans_borrower", "ledger_journalentry"}
    while more := {table for table, of in named.items() if many & of} - SHARED - many:
        many |= more
    return many


def _other_id(column: str, stride: int) -> str:
    return f"{column} + copy * {stride}"


def _other_name(column: str, stride: int) -> str:
    return f"CASE {column} WHEN '' THEN '' ELSE copy * {stride} || '-' || {column} END"


def _each(do: Callable[[Any], None], tasks: Iterable[Any]) -> None:
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(do, tasks))


@contextmanager
def _superuser() -> Iterator[psycopg.Cursor[Any]]:
    from sandbox.postgres import SUPERUSER

    server = {name: connection.get_connection_params()[name] for name in ("host", "port", "dbname")}
    with psycopg.connect(**server, user=SUPERUSER, autocommit=True) as superuser, superuser.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        yield cursor
