"""Orders to a job that is about to run in another process: misbehave like this, once or for ever.

An order is a file `<schema>.<job>.<point>` in the directory `MATINS_TEST_ORDERS`; its text is what to do.
"""

import os
import signal
import time
from pathlib import Path

from django.db import connection


def directory() -> Path:
    return Path(os.environ["MATINS_TEST_ORDERS"])


def give(schema_name: str, job: str, point: str, order: str) -> None:
    directory().mkdir(parents=True, exist_ok=True)
    (directory() / f"{schema_name}.{job}.{point}").write_text(order)


def reached(schema_name: str, job: str, point: str) -> bool:
    """Whether the job came to the point and found its order."""
    return (directory() / f"{schema_name}.{job}.{point}.reached").exists()


def obey(schema_name: str, job: str, point: str) -> None:
    """Do what was ordered for this point, if anything was: `kill`, `raise`, `sleep S`, `sql S` or `once …`."""
    if "MATINS_TEST_ORDERS" not in os.environ:
        return
    path = directory() / f"{schema_name}.{job}.{point}"
    if not path.exists():
        return
    order = path.read_text()
    path.with_name(path.name + ".reached").touch()
    if order.startswith("once "):
        path.unlink()
        order = order.removeprefix("once ")
    _do(order)


def _do(order: str) -> None:
    verb, _, argument = order.partition(" ")
    if verb == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif verb == "raise":
        raise RuntimeError(argument or "ordered to fail")
    elif verb == "sleep":
        time.sleep(float(argument))
    elif verb == "sql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [float(argument)])
    elif verb == "path":
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {argument}")
