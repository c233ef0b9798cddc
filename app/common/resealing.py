"""Seals everything of a tenant with the newest key, so that the older ones can be thrown away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection as django_connection
from django.db import transaction
from django_tenants.utils import schema_context

from common.sealing import SealedField, newest_key_id, seal, unseal

# Without types: Django calls its cursor's statements text only.
connection: Any = django_connection

#: Values per statement and transaction: an interrupted command has done all batches but one.
BATCH = 10_000

_OLD = "{column} <> '' AND substr({column}, 1, 4) <> %(newest)s"
_COUNT = f"SELECT count(*) FROM {{table}} WHERE {_OLD}"
_NEXT = f"""
    SELECT id, {{column}} FROM {{table}} WHERE {_OLD} AND id > %(after)s
    ORDER BY id LIMIT %(batch)s FOR NO KEY UPDATE"""
_RESEAL = """
    UPDATE {table} SET {column} = fresh.value
    FROM unnest(%(ids)s::bigint[], %(values)s::bytea[]) AS fresh (id, value) WHERE {table}.id = fresh.id"""


@dataclass(frozen=True)
class Column:
    """A column of sealed values, one in each tenant's schema."""

    table: str
    column: str

    @property
    def name(self) -> str:
        """What its values are sealed for."""
        return f"{self.table}.{self.column}"

    def says(self, statement: str) -> str:
        """Return a statement about this column."""
        return statement.format(table=self.table, column=self.column)


def sealed_columns() -> list[Column]:
    """Return every column of the tenants' tables whose values are sealed."""
    return [
        Column(model._meta.db_table, str(field.column))  # noqa: SLF001 - Django's public, documented API.
        for model in apps.get_models()
        for field in model._meta.concrete_fields  # noqa: SLF001
        if isinstance(field, SealedField)
    ]


def count_old(schema_name: str) -> int:
    """Return how many of a tenant's values an older key has sealed."""
    with schema_context(schema_name), connection.cursor() as cursor:
        found = 0
        for column in sealed_columns():
            cursor.execute(column.says(_COUNT), {"newest": newest_key_id()})
            found += cursor.fetchone()[0]
        return found


def reseal(schema_name: str, *, progress: Callable[[int], None]) -> int:
    """Seal every value of a tenant with the newest key; return how many an older one had sealed. Repeatable.

    Args:
        schema_name: the tenant; a suspended one's values must be openable later too.
        progress: called with the number of values done since the last call.

    Raises:
        UnknownKeyError, SealBrokenError: a value cannot be opened; the batches before it stay done.
    """
    done = 0
    with schema_context(schema_name):
        for column in sealed_columns():
            for count in _batches(column):
                done += count
                progress(count)
    return done


def _batches(column: Column) -> Iterator[int]:
    """Do a column batch by batch; yield how many values each had, once it is committed."""
    after = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            parameters = {"newest": newest_key_id(), "after": after, "batch": BATCH}
            cursor.execute(column.says(_NEXT), parameters)
            rows = cursor.fetchall()
            fresh = [seal(unseal(value, column=column.name), column=column.name) for _, value in rows]
            cursor.execute(column.says(_RESEAL), {"ids": [row[0] for row in rows], "values": fresh})
        if not rows:
            return
        after = rows[-1][0]
        yield len(rows)
