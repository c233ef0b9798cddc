"""The nightly jobs of payments, as the catalog names them."""

from collections.abc import Sequence
from typing import Any

from celery import shared_task

from common.jobs import night
from common.outcomes import Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def process_recurring_payments(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Make one tenant's recurring payments of the business date (ISO)."""
    from payments.services import process_recurring_payments

    return process_recurring_payments(**night(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def execute_autopay(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Post, take back and send one tenant's drafts of the business date (ISO)."""
    from payments.services import execute_autopay

    return execute_autopay(**night(business_date), only=only)
