"""The nightly jobs of delinquency, as the catalog names them."""

from collections.abc import Sequence
from typing import Any

from celery import shared_task

from common.jobs import night
from common.outcomes import Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def run_delinquency_engine(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Bring one tenant's standings up to the business date (ISO)."""
    from delinquency.services import run_engine

    return run_engine(**night(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def detect_defaults(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Find one tenant's defaults and charge-offs of the business date (ISO)."""
    from delinquency import services

    return services.detect_defaults(**night(business_date), only=only)
