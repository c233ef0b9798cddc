"""The nightly jobs of casework, as the catalog names them."""

from collections.abc import Sequence
from typing import Any

from celery import shared_task

from common.jobs import as_of
from common.outcomes import Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def detect_pre_delinquency(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Find whom one tenant should reach before an instalment is due, as of the business date (ISO)."""
    from casework.services import find_pre_delinquent

    return find_pre_delinquent(**as_of(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def detect_sla_breaches(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Put on record what has passed on the clocks of one tenant's cases by the business date (ISO)."""
    from casework.services import check_slas

    return check_slas(**as_of(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def assign_queues(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Give one tenant's delinquent loans cases, queues and agents, as of the business date (ISO)."""
    from casework import services

    return services.assign_queues(**as_of(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def unsnooze_cases(self: Any, schema_name: str, business_date: str | None = None) -> Outcome:
    """Wake one tenant's cases whose time has come."""
    from casework.services import unsnooze

    return unsnooze(due_at=as_of(business_date)["due_at"])


@shared_task(base=TenantTask, bind=True, max_retries=0)
def check_broken_promises(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Decide one tenant's promises whose time is over on the business date (ISO)."""
    from casework.services.promises import check_promises

    return check_promises(**as_of(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def check_broken_payment_plans(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Look at one tenant's payment plans as of the business date (ISO)."""
    from casework.services.plans import check_plans

    return check_plans(**as_of(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def execute_dunning_schedules(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Decide which of one tenant's borrowers hear of which step, as of the business date (ISO)."""
    from casework.services.dunning import execute_dunning

    return execute_dunning(**as_of(business_date), only=only)
