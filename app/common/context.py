"""What a body may know of the run it belongs to, without being handed it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """A run of the ledger, as its body sees it."""

    run_id: int
    window_id: int
    schedule: str
    due_at: datetime
    business_date: date


_current_run: ContextVar[RunContext | None] = ContextVar("matins_run", default=None)


def current_run() -> RunContext | None:
    """Return the run this body belongs to, or None when the task was called by hand."""
    return _current_run.get()


@contextmanager
def running(context: RunContext | None) -> Iterator[None]:
    """Let the bodies within belong to this run, or to none."""
    token = _current_run.set(context)
    try:
        yield
    finally:
        _current_run.reset(token)


_is_rehearsal: ContextVar[bool] = ContextVar("matins_rehearsal", default=False)


def is_rehearsal() -> bool:
    """Return whether what is done now will be taken back: what no rollback takes back must not be done then."""
    return _is_rehearsal.get()


@contextmanager
def rehearsing(*, dry_run: bool) -> Iterator[None]:
    """Let all that is done within be a rehearsal, or not."""
    token = _is_rehearsal.set(dry_run)
    try:
        yield
    finally:
        _is_rehearsal.reset(token)
