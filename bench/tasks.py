"""The empty tenant task both sides execute, so that only the platform's own cost is measured."""

from typing import Any

from celery import shared_task

from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0, ignore_result=True, queue="money")
def empty(self: Any, schema_name: str) -> dict[str, int]:
    """Do nothing for one tenant."""
    return {}
