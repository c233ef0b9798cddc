"""Doing a night's job for one tenant in one go: to see what it would do, or to do again what a night has done."""

from datetime import date
from inspect import signature
from typing import Any

from celery import current_app

from common.books import books_transaction
from common.context import running
from common.outcomes import FanOut, Joined, Outcome
from common.tasks import TenantTask, all_at_once


def rehearse(task: TenantTask, schema_name: str, *, business_date: date) -> dict[str, Any]:
    """Run a tenant task's body by hand, alone in the tenant's books, and keep nothing: no row, no outbox message.

    It may come before its day or its line: it sees the books as they are now. Nobody else writes them meanwhile. A
    task that fans out has its children done one after the other, and joins them.

    Args:
        task: the task.
        schema_name: the tenant.
        business_date: the night.

    Returns:
        What the task's call by hand would return: its counts, and what it would leave out.

    Raises:
        BooksBusyError, UnknownTenantError, TenantNotActiveError: as `common.books.books_transaction`.
    """
    with books_transaction(schema_name, dry_run=True), running(None):
        return in_one_go(task, schema_name, business_date=business_date)


def in_one_go(task: TenantTask, schema_name: str, *, business_date: date) -> dict[str, Any]:
    """Run a tenant task's body in the open transaction, its children within it, one after the other.

    Args:
        task: the task.
        schema_name: the tenant whose schema the connection is in.
        business_date: the night.
    """
    day = business_date.isoformat()
    result = _run(task, schema_name, business_date=day)
    if isinstance(result, FanOut):
        result = _join(task, result, schema_name, business_date=day)
    return result.as_json() if isinstance(result, Outcome) else dict(result or {})


def _run(task: TenantTask, schema_name: str, *args: Any, business_date: str, **kwargs: Any) -> Any:
    dated = {"business_date": business_date} if "business_date" in signature(task.run).parameters else {}
    result = task.run(schema_name, *args, **kwargs, **dated)
    return all_at_once(result) if task.chunked else result


def _join(parent: TenantTask, fan_out: FanOut, schema_name: str, *, business_date: str) -> Any:
    task = current_app.tasks[fan_out.task]
    for child in fan_out.children:
        _run(task, schema_name, *child.args, **child.kwargs, business_date=business_date)
    joined = Joined(succeeded=len(fan_out.children), skipped=0)
    return _run(parent, schema_name, business_date=business_date, joined=joined)
