"""Doing the same thing twice at once: threads with a database session each, started together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def at_once(*actions):
    """Run the actions in as many threads, let go at the same moment; return their results in order."""
    barrier = Barrier(len(actions))

    def go(action):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '10s'")  # What would wait for its own test fails instead.
            barrier.wait(10)
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(go, actions))
