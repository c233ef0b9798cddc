"""The monthly job of credit reporting, as the catalog names it."""

from collections.abc import Sequence
from typing import Any

from celery import shared_task

from common.jobs import night
from common.outcomes import Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def generate_metro2(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Write one tenant's Metro 2 files of the month before the business date's (ISO)."""
    from credit_reporting import services

    return services.generate_metro2(**night(business_date), only=only)
