"""The nightly jobs of fees, as the catalog names them."""

from collections.abc import Sequence
from typing import Any

from celery import shared_task

from common.jobs import night
from common.outcomes import Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def assess_late_fees(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Assess one tenant's late fees of the business date (ISO)."""
    from fees import services

    return services.assess_late_fees(**night(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def assess_scheduled_fees(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Assess one tenant's scheduled fees of the business date (ISO)."""
    from fees import services

    return services.assess_scheduled_fees(**night(business_date), only=only)
