"""The nightly jobs of loans, as the catalog names them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from celery import shared_task

from common import clock
from common.outcomes import Outcome
from common.tasks import TenantTask, current_run


@shared_task(base=TenantTask, bind=True, max_retries=0)
def accrue_daily_interest(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Accrue one tenant's interest up to the business date (ISO)."""
    from loans.services import accrue_interest

    run = current_run()
    return accrue_interest(
        business_date=date.fromisoformat(business_date) if business_date else clock.today(),
        due_at=run.due_at if run else None,
        run_id=run.run_id if run else None,
        only=only,
    )
