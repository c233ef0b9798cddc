"""The ledger's own tasks: none is a tenant's, all are thin."""

from celery import shared_task
from django.db import close_old_connections

from schedules import outbox


@shared_task(ignore_result=True)
def relay_outbox() -> int:
    """Deliver what is due in the outbox; return how many messages were accepted."""
    close_old_connections()  # A session that Postgres has ended since is found out, and replaced.
    return outbox.relay()
