"""The task classes of Matins, and the domain apps' only door to the ledger of the night.

A tenant task is written as if nothing could go wrong: one function, `schema_name` first, inside one transaction of
that tenant. Everything a night needs around it happens here: the claim, the lock, the proof of the schema, the mark,
the quarantine, the children, and what becomes of the run when the body raises or the worker must stop.
"""

import inspect
import logging
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import date
from functools import cached_property, partial
from typing import Any
from uuid import uuid4

import django.db
import psycopg
from celery import Task, current_app, shared_task
from celery.exceptions import WorkerShutdown, WorkerTerminate
from celery.result import AsyncResult
from django.db import connection

from common import clock, sending
from common.context import RunContext, current_run, running
from common.exceptions import MissingSchemaNameError, NeedsLedgerError, TenantNotActiveError
from common.outcomes import FanOut, Joined, Outcome
from common.tenancy import Entered, lock_books, may_be_tenant, prepare_session, tenant_transaction
from schedules import ad_hoc, children, claims, registry, release
from schedules.by_hand import refuse_overtaking
from schedules.exceptions import (
    BadDispatchError,
    BrokerAwayError,
    LeaseLostError,
    LineNotFinishedError,
    ScheduleError,
    UnknownRunError,
)
from schedules.outbox import Message, deliverer
from schedules.outbox import write as write_outbox
from schedules.outbox import write_all as write_all_outbox
from schedules.publishing import RUN_HEADER
from schedules.services import find_schedule

__all__ = [
    "Message",
    "RunContext",
    "ScheduleError",
    "TenantTask",
    "all_at_once",
    "async_task_delay",
    "current_run",
    "deliverer",
    "dispatch_to_all_tenants",
    "find_schedule",
    "refuse_overtaking",
    "write_all_outbox",
    "write_outbox",
]

logger = logging.getLogger(__name__)

# Postgres's troubles are not counted as failures, so they must not come back in a busy loop.
GIVEN_BACK_REST_S = 1.0


class TenantTask(Task):  # type: ignore[misc] # Celery ships no types
    """A task whose body works in one tenant's schema, in one transaction, and never anywhere else.

    The body's first argument is `schema_name` (by keyword where Canvas puts a result first). If its signature has
    them, it also gets `business_date` (ISO; today's when called by hand without one), `only` (the item keys a re-run
    is restricted to, else None) and `joined` (how the children ended, in the call that joins them).

    It returns an `Outcome`, a `FanOut` (in the ledger only), or anything JSON where no ledger looks at it.

    A job too big for one transaction is declared `chunked=True` and written as a generator: each `yield` commits what
    it has done and goes on in a new transaction, and it returns its `Outcome`. An attempt that dies between chunks is
    begun again from the start, so every chunk must find out for itself what is still missing.
    """

    abstract = True
    chunked = False
    max_retries = 0  # The ledger retries, spaced and counted; Celery's own retry would run outside it.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the body for one tenant: claimed in the ledger when the message names a run, else by hand."""
        prepare_session()
        run_id = (self.request.headers or {}).get(RUN_HEADER)
        if run_id is None:
            return self._by_hand(self._bind(args, kwargs))
        return self._ledgered(run_id, args, kwargs)

    @property
    def is_books(self) -> bool:
        """Whether the catalog says that this task writes money or loan state."""
        schedule = registry.catalog().for_task(self.name)
        return schedule is not None and schedule.books

    def refuse_misfit(self, args: Any, kwargs: Any) -> None:
        """Refuse arguments that no run of a dispatch could be called with.

        Raises:
            BadDispatchError: saying what does not fit.
        """
        try:
            self._bind(("", *args), kwargs)
        except (TypeError, MissingSchemaNameError) as error:
            raise BadDispatchError(f"{self.name} cannot be called so: {error}. Nothing was dispatched.") from error

    @cached_property
    def _signature(self) -> inspect.Signature:
        return inspect.signature(self.run)

    def _bind(self, args: Any, kwargs: Any) -> inspect.BoundArguments:
        """Give the arguments their names: the schema proved is then the one the body sees as `schema_name`."""
        call = self._signature.bind_partial(*args, **kwargs)
        if not isinstance(call.arguments.get("schema_name"), str):
            raise MissingSchemaNameError(self.name)
        return call

    def _run_body(self, call: inspect.BoundArguments, **offered: Any) -> Any:
        """Call the body with those of the offered keywords that its signature takes."""
        taken = {name: value for name, value in offered.items() if name in self._signature.parameters}
        call.arguments.update(taken)
        return self.run(*call.args, **call.kwargs)

    def _by_hand(self, call: inspect.BoundArguments) -> Any:
        asked = call.arguments.get("business_date")
        business_date = date.fromisoformat(asked) if asked else clock.today()
        with tenant_transaction(call.arguments["schema_name"]) as entered, running(None):
            if self.is_books:
                lock_books(entered.tenant_id)
                refuse_overtaking(tenant_id=entered.tenant_id, business_date=business_date)
            result = self._run_body(call, business_date=business_date.isoformat())
            result = all_at_once(result) if self.chunked else result
            if isinstance(result, FanOut):
                raise NeedsLedgerError(self.name)
        return result.as_json() if isinstance(result, Outcome) else result

    def _ledgered(self, run_id: Any, args: Any, kwargs: Any) -> None:
        held = self._claim(run_id, args)
        if held is None:
            return
        session = connection.connection
        holds_up = True
        try:
            holds_up = self._run_claimed(held, args, kwargs)
        except TenantNotActiveError as error:
            _schema_name, status = error.args
            claims.skip(held, f"tenant {status}")
        except LeaseLostError as error:
            logger.warning("%s", error)
        except LineNotFinishedError as error:
            claims.give_back(held, str(error))
        except BaseException as error:
            _settle(held, error, lost_session=connection.connection is not session)
            raise
        if holds_up:
            _release(held.tenant_id)

    def _claim(self, run_id: Any, args: Any) -> claims.Claim | None:
        schema_name = args[0] if args else ""  # Where the ledger puts it, whatever the body's signature.
        if not isinstance(run_id, int) or not may_be_tenant(schema_name):
            raise UnknownRunError(run_id, schema_name, self.name)
        return claims.claim(run_id=run_id, schema_name=schema_name, task=self.name)

    def _run_claimed(self, held: claims.Claim, args: Any, kwargs: Any) -> bool:
        """Run the body to its end, chunk by chunk; return whether other runs may have waited for it."""
        # Closed here: a body left in the middle ends its own blocks now, not within the next one's transaction.
        with closing(self._chunks(held, args, kwargs)) as chunks:
            while True:
                with self._transaction(held) as entered:
                    is_last, result = _next_chunk(chunks)
                    entered.leave()
                    if is_last:
                        return _record(held, result)
                    claims.renew(held)

    @contextmanager
    def _transaction(self, held: claims.Claim) -> Iterator[Entered]:
        """Open a transaction of the tenant that holds the run."""
        hold = partial(claims.hold, held)
        with tenant_transaction(held.schema_name, hold=hold) as entered, running(_context(held)):
            if held.books:
                lock_books(held.tenant_id)
            yield entered

    def _chunks(self, held: claims.Claim, args: Any, kwargs: Any) -> Generator[None, None, Any]:
        """Run the body when first asked for a chunk; an ordinary body is one chunk."""
        result = self._run_body(
            self._bind(args, kwargs),
            business_date=held.business_date.isoformat(),
            only=claims.quarantined_keys(held) if held.is_rerun else None,
            joined=Joined(**children.joined(held)) if held.is_join else None,
        )
        return (yield from result) if self.chunked else result


def _next_chunk(chunks: Generator[None, None, Any]) -> tuple[bool, Any]:
    """Run one chunk; return whether it was the last, and then the body's result."""
    try:
        next(chunks)
    except StopIteration as end:
        return True, end.value
    return False, None


def all_at_once(chunks: Generator[None, None, Any]) -> Any:
    """Run all chunks in the open transaction; return what the last one returns."""
    while True:
        try:
            next(chunks)
        except StopIteration as end:
            return end.value


def _context(held: claims.Claim) -> RunContext:
    return RunContext(
        run_id=held.run_id,
        window_id=held.window_id,
        schedule=held.schedule,
        due_at=held.due_at,
        business_date=held.business_date,
    )


def _record(held: claims.Claim, result: Any) -> bool:
    """Write what the body's result means for its run; return whether other runs may have waited for it."""
    if isinstance(result, FanOut):
        shares = [(child.item, child.args, child.kwargs) for child in result.children]
        children.fan_out(held, task=result.task, children=shares)
        return True
    outcome = result if isinstance(result, Outcome) else Outcome(counts=result or {})
    quarantined = [(item.model, item.key, item.reason) for item in outcome.quarantined]
    return claims.succeed(held, counts=outcome.counts, quarantined=quarantined)


def _settle(held: claims.Claim, error: BaseException, *, lost_session: bool) -> None:
    """Say in the ledger what became of a run whose body was left by an exception."""
    if isinstance(error, KeyboardInterrupt | WorkerShutdown | WorkerTerminate):
        claims.give_back(held, "the worker was asked to stop")
    elif _postgres_ended_it(error, lost_session=lost_session):
        claims.give_back(held, f"given back: {error}", rest_s=GIVEN_BACK_REST_S)
    else:
        claims.fail(held, error)


def _postgres_ended_it(error: BaseException, *, lost_session: bool) -> bool:
    """Return whether Postgres, not the body, ended the attempt: deadlock, serialization, a session lost."""
    cause = error if isinstance(error, psycopg.Error) else error.__cause__
    if isinstance(cause, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return True
    return isinstance(cause, psycopg.OperationalError) and lost_session


def _release(tenant_id: int) -> None:
    """Wake what this run was holding up. Its own work is committed: if this fails, the reconciler's sweep does it."""
    try:
        release.release_tenant(tenant_id)
    except (BrokerAwayError, django.db.Error, psycopg.Error) as error:
        logger.warning("Left to the reconciler: %s", error)


# Its worker may die in it: to repeat it is safe, and Celery's own 180 s would leave the caller waiting.
@shared_task(bind=True, ignore_result=False, default_retry_delay=2)
def dispatch_to_all_tenants(self: Any, task_name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Run a tenant task for every active tenant, each tenant's `schema_name` put first.

    The dispatch is a window of its own in the ledger, keyed by this message's id: delivered twice it is the same
    window, dispatched twice it is two.

    Args:
        self: this task.
        task_name: a registered tenant task.
        args: further positional arguments for each run; JSON.
        kwargs: keyword arguments for each run; JSON.

    Returns:
        `{"window": its key, "runs": how many runs it has}`; a suspended tenant's is skipped.

    Raises:
        BadDispatchError: `task_name` is not a registered tenant task, or cannot be called like this.
    """
    task = current_app.tasks.get(task_name)
    if not isinstance(task, TenantTask):
        raise BadDispatchError(f"{task_name!r} is not a registered tenant task; nothing was dispatched.")
    task.refuse_misfit(args, kwargs)
    return ad_hoc.dispatch(
        task=task_name,
        key=self.request.id or str(uuid4()),
        queue=getattr(task, "queue", None),  # Celery sets it only where the decorator names one.
        books=task.is_books,
        args=args,
        kwargs=kwargs,
    )


async def async_task_delay(task: Task, *args: Any, **kwargs: Any) -> AsyncResult:
    """Send a task from async code without ever blocking the event loop.

    The message is built and sent in another thread; under `CELERY_TASK_ALWAYS_EAGER` the body runs there too, so it
    may use the ORM and `asyncio.run`.

    Args:
        task: the task to send.
        args: its positional arguments, `schema_name` first for a tenant task.
        kwargs: its keyword arguments.

    Returns:
        The task's result handle.

    Raises:
        NotSentError: the broker is away; it is also a `kombu.exceptions.OperationalError`, as `delay` raises.
    """
    return await sending.send(task, args, kwargs)
