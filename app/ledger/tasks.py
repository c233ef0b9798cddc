"""The general ledger's own job: the first link of the end of day."""

from typing import Any

from celery import shared_task

from common.jobs import night
from common.outcomes import Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def update_period_statuses_task(self: Any, schema_name: str, business_date: str | None = None) -> Outcome:
    """Open one tenant's months up to the business date (ISO), and mark those that are over as ended."""
    from ledger.services import update_period_statuses

    return update_period_statuses(business_date=night(business_date)["business_date"])
