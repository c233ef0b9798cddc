"""Doing a night's job for one tenant to see what it would do, and taking all of it back."""

from datetime import date
from inspect import signature
from typing import Any

from common.books import books_transaction
from common.context import running
from common.outcomes import FanOut, Outcome
from common.tasks import TenantTask, all_at_once


def rehearse(task: TenantTask, schema_name: str, *, business_date: date) -> dict[str, Any]:
    """Run a tenant task's body by hand, alone in the tenant's books, and keep nothing: no row, no outbox message.

    It may come before its day or its line: it sees the books as they are now. Nobody else writes them meanwhile.

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
        taken = {"business_date": business_date.isoformat()} if _is_dated(task) else {}
        result = task.run(schema_name, **taken)
        return _told(all_at_once(result) if task.chunked else result)


def _is_dated(task: TenantTask) -> bool:
    return "business_date" in signature(task.run).parameters


def _told(result: Any) -> dict[str, Any]:
    if isinstance(result, FanOut):
        return {"children": len(result.children)}
    return result.as_json() if isinstance(result, Outcome) else dict(result or {})
