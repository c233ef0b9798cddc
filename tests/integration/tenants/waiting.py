"""Watching a session wait for a lock, so that a test acts at that very moment and not after some sleep."""

from django.db import connection

from tests.processes import wait_until


def is_somebody_waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() != (0,)


def wait_for_somebody_to_wait():
    wait_until(is_somebody_waiting, what="a session to wait for a lock")


def schemas():
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public)'")
        return {name for (name,) in cursor.fetchall()}
