"""The ledger's door to Postgres: set-based statements on the raw psycopg connection, rows as named tuples.

Every table is named with its schema, so these statements mean the same inside a tenant's transaction. They are
prepared: planning a claim costs more than executing it, and Django's own cursors never prepare.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import namedtuple_row


def raw() -> psycopg.Connection[Any]:
    """Return the psycopg connection behind Django's, open.

    Once after each `close_old_connections`, a session that Postgres has ended is found out and replaced.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    psycopg_connection: psycopg.Connection[Any] = connection.connection
    return psycopg_connection


def fetch(statement: str, params: Mapping[str, Any] | None = None) -> list[Any]:
    """Execute one statement and return its rows as named tuples."""
    return _cursor(statement, params).fetchall()


def execute(statement: str, params: Mapping[str, Any] | None = None) -> int:
    """Execute one statement and return the number of rows it touched."""
    return _cursor(statement, params).rowcount


def _cursor(statement: str, params: Mapping[str, Any] | None) -> psycopg.Cursor[Any]:
    return psycopg.Cursor(raw(), row_factory=namedtuple_row).execute(statement, params, prepare=True)
