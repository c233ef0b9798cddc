"""The jobs of compliance, as the catalog and the Canvas name them."""

from collections.abc import Mapping, Sequence
from typing import Any

from celery import shared_task

from common.jobs import as_of
from common.outcomes import FanOut, Joined, Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def poll_compliance_monitors(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
    joined: Joined | None = None,
) -> Outcome | FanOut:
    """Take what one tenant's monitors report, and have its rules checked for the business date (ISO)."""
    from compliance import services

    if joined is None:
        return services.begin_poll(**as_of(business_date))
    return services.end_poll(**as_of(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def run_compliance_check(self: Any, schema_name: str, rule_id: int, business_date: str | None = None) -> Outcome:
    """Check one rule of one tenant for the business date (ISO)."""
    from compliance import services

    return services.check_rule(rule_id=rule_id, **as_of(business_date))


@shared_task(base=TenantTask, bind=True, max_retries=0)
def summarize_compliance(
    self: Any, results: Sequence[Mapping[str, Any]] | Mapping[str, Any], schema_name: str
) -> Outcome:
    """Add up what the checks of a chord returned."""
    from compliance import services

    # Celery makes a chain of a chord with one member: its result comes alone, in no list.
    return services.summarize([results] if isinstance(results, Mapping) else results)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def check_lien_expirations(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Look at one tenant's liens as of the business date (ISO)."""
    from compliance import services

    return services.check_expirations(**as_of(business_date), only=only)
