"""What an operator with full rights does to Postgres: before the tests begin, and while a night runs."""

import psycopg
from django.db import connection


def superuser():
    """Return a connection as the superuser, who may end anybody's session."""
    parameters = connection.get_connection_params()
    return psycopg.connect(
        host=parameters["host"],
        port=parameters.get("port"),
        dbname=parameters["dbname"],
        user="postgres",
        autocommit=True,
    )


def loosen():
    """Let the tests' Postgres trust the machine with its disk, and the owner put rows back that were checked before.

    Every commit reaches the operating system before it is told, so that what crashes of Postgres cost is the same.
    """
    with superuser() as postgres:
        postgres.execute("ALTER SYSTEM SET fsync = off")
        postgres.execute("SELECT pg_reload_conf()")
        postgres.execute("GRANT SET ON PARAMETER session_replication_role TO matins_owner")


def statements(text):
    """Return the statements now executing that contain a text."""
    with superuser() as postgres:
        rows = postgres.execute(
            "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query ~ %s",
            [text],
        )
        return [row[0] for row in rows]


def end_sessions(*, state):
    """End every session of the app role that is in some state; return how many."""
    with superuser() as postgres:
        rows = postgres.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE usename = 'matins_app' AND state = %s""",
            [state],
        )
        return len(rows.fetchall())
