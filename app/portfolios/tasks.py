"""The nightly jobs of portfolios, as the catalog names them, and the child that takes one portfolio's snapshot."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from celery import shared_task

from common.context import current_run
from common.jobs import as_of
from common.outcomes import Child, FanOut, Joined, Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def auto_assign_portfolios(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Put one tenant's loans into portfolios as of the business date (ISO)."""
    from portfolios.services import assign_portfolios

    return assign_portfolios(**as_of(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def create_portfolio_snapshots(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
    joined: Joined | None = None,
) -> FanOut | Outcome:
    """Let each open portfolio of one tenant have its snapshot of the business date (ISO), and tie them to the books."""
    from portfolios.selectors import open_portfolios
    from portfolios.services import sum_up

    asked = as_of(business_date)
    day = asked["business_date"]
    if joined is not None:
        return sum_up(**asked, only=only)
    return FanOut(
        task=take_portfolio_snapshot.name,
        children=[
            Child(item=str(portfolio.pk), args=[portfolio.pk, day.isoformat()]) for portfolio in open_portfolios(day)
        ],
    )


@shared_task(base=TenantTask, bind=True, max_retries=0)
def take_portfolio_snapshot(self: Any, schema_name: str, portfolio_id: int, snapshot_date: str) -> Outcome:
    """Take the snapshot of one portfolio as of a date (ISO); in the night, and by hand."""
    from portfolios.services import take_snapshot

    run = current_run()
    return take_snapshot(
        portfolio_id=portfolio_id,
        snapshot_date=date.fromisoformat(snapshot_date),
        due_at=run.due_at if run else None,
    )
