"""What a moment of the night holds, kept aside to be put back: every row, of tenant and ledger, and every file.

Whoever starts from a copy needs neither live through the night before nor clone a schema: only what has changed since
is written again.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from common import clock

#: What no moment changes.
FIXED = "django_migrations"
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname <> %s AND (n.nspname <> 'public' OR c.relname ~ %s)
    ORDER BY 1"""
OURS = "^(tenants|schedules)_"

Rows = Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A moment: what each table held, in Postgres's own form, each file, and the business time."""

    tenant: Rows
    ledger: Rows
    files: Mapping[Path, bytes]
    now: datetime


class Shelves:
    """The session that copies, with no trigger and no key checked: what is put back was checked when it was written."""

    def __init__(self) -> None:
        options = "-c session_replication_role=replica -c synchronous_commit=off"
        self._postgres = psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True, options=options)
        self._tables: dict[str, list[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._postgres.close()

    def take(self, schema_name: str) -> Shelf:
        """Keep this moment of one tenant and of the ledger."""
        return Shelf(
            tenant=dict(self._rows(schema_name)), ledger=dict(self._rows("public")), files=files(), now=clock.now()
        )

    def put_back(self, shelf: Shelf, *schema_names: str) -> None:
        """Let it be that moment again, for these tenants' schemas and the ledger."""
        with self._postgres.transaction():
            for schema_name in schema_names:
                self._write(schema_name, shelf.tenant)
            self._write("public", shelf.ledger)
        _write_files(shelf.files)
        clock.set_to(shelf.now)

    def _rows(self, schema_name: str) -> Iterator[tuple[str, bytes]]:
        for table in self._tables_of(schema_name):
            copy = _named("COPY {} TO STDOUT (FORMAT binary)", schema_name, table)
            with self._postgres.cursor().copy(copy) as out:
                held = b"".join(out)
            yield table, held

    def _write(self, schema_name: str, rows: Rows) -> None:
        for table, held in self._rows(schema_name):
            if held != rows[table]:
                self._postgres.execute(_named("DELETE FROM {}", schema_name, table))
                copy = _named("COPY {} FROM STDIN (FORMAT binary)", schema_name, table)
                with self._postgres.cursor().copy(copy) as put:
                    put.write(rows[table])

    def _tables_of(self, schema_name: str) -> list[str]:
        if schema_name not in self._tables:
            found = self._postgres.execute(TABLES, [schema_name, FIXED, OURS])
            self._tables[schema_name] = [name for (name,) in found]
        return self._tables[schema_name]


def _named(statement: str, *names: str) -> Composed:
    return SQL(statement).format(Identifier(*names))


def files() -> dict[Path, bytes]:
    """Return every file that the tenants keep, by its path."""
    root = _root()
    return {path.relative_to(root): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def _write_files(kept: Mapping[Path, bytes]) -> None:
    if files() == kept:
        return
    shutil.rmtree(_root(), ignore_errors=True)
    for path, content in kept.items():
        (_root() / path).parent.mkdir(parents=True, exist_ok=True)
        (_root() / path).write_bytes(content)


def _root() -> Path:
    return Path(os.environ["MATINS_FILES"])
