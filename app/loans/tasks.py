"""The nightly jobs of loans, as the catalog names them."""

from collections.abc import Sequence
from typing import Any

from celery import shared_task

from common.jobs import night
from common.outcomes import Outcome
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def accrue_daily_interest(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Accrue one tenant's interest up to the business date (ISO)."""
    from loans.services import accrue_interest

    return accrue_interest(**night(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def reconcile_general_ledger(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Compare one tenant's sub-ledger with its general ledger through the business date (ISO)."""
    from loans.services.reconciliation import reconcile

    return reconcile(**night(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def adjust_variable_rates(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """Fix one tenant's variable rates whose look-back date has come by the business date (ISO)."""
    from loans import services

    return services.adjust_variable_rates(**night(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def check_promo_expirations(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """End one tenant's promotions whose last day is before the business date (ISO)."""
    from loans import services

    return services.check_promo_expirations(**night(business_date), only=only)


@shared_task(base=TenantTask, bind=True, max_retries=0)
def check_forbearance_expiry(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Outcome:
    """End one tenant's forbearances whose last day is before the business date (ISO)."""
    from loans import services

    return services.check_forbearance_expiry(**night(business_date), only=only)
