"""The same three bodies as Matins' tenant tasks."""

import time
from typing import Any

from celery import shared_task
from django.db import connection

from bench.peers import diary
from common.tasks import TenantTask


@shared_task(base=TenantTask, bind=True, max_retries=0)
def note(self: Any, schema_name: str) -> dict[str, int]:
    """Write one row, which is there once for each effect."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_note DEFAULT VALUES")
    return {"rows": 1}


@shared_task(base=TenantTask, bind=True, max_retries=0)
def where(self: Any, schema_name: str) -> dict[str, int]:
    """Say which schema the body is in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        diary.write("matins", schema=cursor.fetchone()[0])
    return {}


@shared_task(base=TenantTask, bind=True, max_retries=0)
def slow(self: Any, schema_name: str) -> dict[str, int]:
    """Say that the body began, and take a while."""
    diary.write("matins slow")
    time.sleep(240)  # Longer than another worker takes to start on a busy machine.
    return {}
