"""Migrating all tenants: several at a time, one after the other's failure, again from where it was interrupted."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context

from django.core.management import call_command
from django.db import connection

from tenants import grants, template
from tenants.in_step import in_step


@dataclass(frozen=True, kw_only=True)
class Migrated:
    """How one tenant's migration ended.

    Args:
        schema_name: the tenant's.
        applied: number of migrations that were missing before, zero if it was in step.
        failure: the reason on one line, empty on success.
    """

    schema_name: str
    applied: int = 0
    failure: str = ""


def migrate_each(schema_names: Sequence[str], *, processes: int) -> Iterator[Migrated]:
    """Begin to migrate the schemas and yield each as it is done; one that fails does not stop the others.

    Args:
        schema_names: in the order in which they are begun; those that are in step come first, untouched.
        processes: how many at a time; each has a database connection.
    """
    done = in_step(schema_names)
    connection.close()  # Forked processes would share it.
    pool = ProcessPoolExecutor(processes, mp_context=get_context("fork"))
    # Forked here and not at the first `next`: by then the caller may have threads, which do not survive a fork.
    begun = {pool.submit(_migrate_one, name): name for name in schema_names if name not in done}
    return chain((Migrated(schema_name=name) for name in schema_names if name in done), _outcomes(pool, begun))


def _outcomes(pool: ProcessPoolExecutor, begun: dict[Future[Migrated], str]) -> Iterator[Migrated]:
    try:
        for done in as_completed(begun):
            yield _outcome(done, begun[done])
    finally:
        pool.shutdown(cancel_futures=True)


def _migrate_one(schema_name: str) -> Migrated:
    """Run in a process of the pool; the reason travels as text, for not every exception survives the way back."""
    try:
        return Migrated(schema_name=schema_name, applied=_migrate(schema_name))
    except Exception as error:
        return Migrated(schema_name=schema_name, failure=_on_one_line(error))
    finally:
        connection.close()  # A session that sees thousands of schemas keeps a memory of each.


def _migrate(schema_name: str) -> int:
    missing = template.pending(schema_name)
    if missing:
        call_command("migrate_schemas", schema_name=schema_name, interactive=False, verbosity=0)
    grants.apply(schema_name)  # Also when in step: an interruption may have come between the two.
    return len(missing)


def _outcome(done: Future[Migrated], schema_name: str) -> Migrated:
    error = done.exception()  # Of the pool itself: a process of it was killed.
    return done.result() if error is None else Migrated(schema_name=schema_name, failure=_on_one_line(error))


def _on_one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
