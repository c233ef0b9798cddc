"""A digest of all that a tenant's schema says: equal books, equal digests, whoever wrote them and when.

It is made from the models of all tenant apps, so that a new table is proved by the day it is added. What only names a
row or the run that wrote it is left out: ids, the columns `run_id` and `due_at`, and `stored_in`, a file that a run
stored its rows' documents in. A reference is told by the
natural key of the row it points to.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models

Model = type[models.Model]
LEFT_OUT = frozenset({"run_id", "due_at", "stored_in"})


def checksum() -> str:
    """Return the digest of the tenant whose schema the connection is in."""
    return sha256(repr(sorted(checksums().items())).encode()).hexdigest()


def checksums() -> dict[str, tuple[int, Any]]:
    """Return the number of rows and the sum of their hashes by model label.

    Rows are hashed one by one and the hashes added up, so that their order does not matter.
    """
    with connection.cursor() as cursor:
        return {model._meta.label: _sum(cursor, model) for model in tenant_models()}  # noqa: SLF001


def tenant_models() -> list[Model]:
    """Return the models whose tables every tenant has."""
    labels = [apps.get_app_config(app.rpartition(".")[2]) for app in settings.TENANT_APPS]
    return [model for config in labels for model in config.get_models()]


def said(model: Model) -> str:
    """Return the SELECT of what each row of a model says, as one text."""
    aliases = (f"t{number}" for number in count(1))
    columns, joins = _told(model._meta.concrete_fields, "t0", aliases)  # noqa: SLF001
    table = model._meta.db_table  # noqa: SLF001
    return f"SELECT concat_ws('|', {', '.join(columns)}) FROM {table} t0 {' '.join(joins)}"


def _sum(cursor: Any, model: Model) -> tuple[int, Any]:
    cursor.execute(f"SELECT count(*), sum(hashtextextended(said, 0)::numeric) FROM ({said(model)}) AS r (said)")
    rows, total = cursor.fetchone()
    return rows, total


def _told(fields: Any, alias: str, aliases: Iterator[str]) -> tuple[list[str], list[str]]:
    """Return the expressions that tell these fields, and the joins they need."""
    columns, joins = list[str](), list[str]()
    for field in fields:
        if isinstance(field, models.AutoField) or field.name in LEFT_OUT:
            continue
        target = field.remote_field.model if field.remote_field else None
        if target is None or not isinstance(target._meta.pk, models.AutoField):  # noqa: SLF001
            columns.append(f"coalesce({alias}.{field.column}::text, '-')")
            continue
        other = next(aliases)
        joins.append(f"LEFT JOIN {target._meta.db_table} {other} ON {other}.id = {alias}.{field.column}")  # noqa: SLF001
        told, further = _told(_natural_key(target), other, aliases)
        columns, joins = columns + told, joins + further
    return columns, joins


def _natural_key(model: Model) -> list[Any]:
    """Return the fields that people know a row by: those declared, else the first that are unique."""
    meta = model._meta  # noqa: SLF001
    names = getattr(model, "natural_key", None)
    if names is None:
        unique = [[field.name] for field in meta.concrete_fields if field.unique and not field.primary_key]
        unique += [list(constraint.fields) for constraint in meta.total_unique_constraints]
        if not unique:
            raise LookupError(f"{meta.label} has no unique field: give it `natural_key`, it is pointed to.")
        names = unique[0]
    return [meta.get_field(name) for name in names]
