"""What a tenant's books say: rows, messages for the world outside, files; told without what only names a row."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.db import connection
from django_tenants.utils import schema_context

from common.checksum import LEFT_OUT, said, tenant_models
from schedules.outbox import _deliverers
from tests.conformance.shelves import files

#: By model label (and `outbox.` with a kind, `files`), all that is there, sorted.
Told = Mapping[str, list[str]]

# A message that may go at once is written at whatever time it is. Numbers in it are ids of rows, which mean nothing.
OUTBOX = """
    SELECT concat_ws('|', m.key,
                     CASE WHEN m.created_at - m.not_before BETWEEN '0 s' AND '5 s' THEN 'at once'
                          ELSE m.not_before::text END,
                     m.expires_at, (SELECT jsonb_object_agg(name, value)
                                    FROM jsonb_each(m.payload) AS part (name, value)
                                    WHERE jsonb_typeof(value) <> 'number'))
    FROM public.schedules_outboxmessage m JOIN public.tenants_tenant t ON t.id = m.tenant_id
    WHERE t.schema_name = %s AND m.kind = %s"""


def books(schema_name: str) -> Told:
    """Return all that a tenant's tables, its outbox and the files say."""
    told = {"files": [f"{path}|{sha256(content).hexdigest()}" for path, content in files().items()]}
    with schema_context(schema_name), connection.cursor() as cursor:
        for model in tenant_models():
            cursor.execute(said(model))
            told[model._meta.label] = sorted(row for (row,) in cursor.fetchall())
        for kind in _deliverers:
            cursor.execute(OUTBOX, [schema_name, kind])
            told[f"outbox.{kind}"] = sorted(row for (row,) in cursor.fetchall())
    return told


def tables(told: Told) -> Told:
    """Return only what a tenant's own tables say."""
    return {label: rows for label, rows in told.items() if label != "files" and not label.startswith("outbox.")}


def differences(found: Told, expected: Told) -> dict[str, tuple[list[str], list[str]]]:
    """Return, where two differ, what is there too much and what is missing; a few of each."""
    return {
        label: (_more(found[label], expected[label]), _more(expected[label], found[label]))
        for label in expected
        if found[label] != expected[label]
    }


def _more(these: list[str], those: list[str]) -> list[str]:
    return list((Counter(these) - Counter(those)).elements())[:5]


def changed(before: Told, after: Told) -> set[str]:
    """Return the labels of what was written between two moments."""
    return {label for label in after if before[label] != after[label]}


def of_all_but(told: Told, word: str | None, *, of_many: set[str]) -> Told:
    """Return what is told of all items but one, if one is named; without the labels that tell of many items at once."""
    left_out = re.compile(rf"\b{word}\b" if word else r"(?!)")
    return {
        label: sorted(re.sub(r"(autopay-\S{10})-\d", r"\1", row) for row in rows if not left_out.search(row))
        for label, rows in told.items()
        if label not in of_many
    }


def says_the_real_today(schema_name: str) -> list[str]:
    """Return the columns of dates and times in which something says today's real date."""
    today = datetime.now(UTC).date()
    found = []
    with schema_context(schema_name), connection.cursor() as cursor:
        for model in tenant_models():
            for one in model._meta.concrete_fields:
                if one.name in LEFT_OUT or one.get_internal_type() not in {"DateField", "DateTimeField"}:
                    continue
                cursor.execute(
                    f"SELECT count(*) FROM {model._meta.db_table} WHERE {one.column}::date BETWEEN %s AND %s",
                    [today - timedelta(days=1), today + timedelta(days=1)],
                )
                if cursor.fetchone()[0]:
                    found.append(f"{model._meta.label}.{one.name}")
    return found
