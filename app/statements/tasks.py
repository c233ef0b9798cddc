"""The documents' jobs of statements, as the catalog names them: one a cycle."""

from collections.abc import Generator, Sequence
from typing import Any

from celery import shared_task

from common.jobs import night
from common.outcomes import Outcome
from common.tasks import TenantTask

Chunks = Generator[None, None, Outcome]


@shared_task(base=TenantTask, bind=True, max_retries=0, chunked=True)
def generate_monthly_statements(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Chunks:
    """Issue one tenant's monthly statements of the business date (ISO)."""
    return (yield from _issue("monthly", business_date, only))


@shared_task(base=TenantTask, bind=True, max_retries=0, chunked=True)
def generate_biweekly_statements(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Chunks:
    """Issue one tenant's biweekly statements of the business date (ISO)."""
    return (yield from _issue("biweekly", business_date, only))


@shared_task(base=TenantTask, bind=True, max_retries=0, chunked=True)
def generate_quarterly_statements(
    self: Any,
    schema_name: str,
    business_date: str | None = None,
    only: Sequence[str] | None = None,
) -> Chunks:
    """Issue one tenant's quarterly statements of the business date (ISO)."""
    return (yield from _issue("quarterly", business_date, only))


def _issue(cycle: str, business_date: str | None, only: Sequence[str] | None) -> Chunks:
    from statements.services import issue_statements

    return (yield from issue_statements(cycle=cycle, **night(business_date), only=only))
