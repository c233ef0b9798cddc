"""The ledger's own tasks: none is a tenant's, all are thin."""

from celery import shared_task

from schedules import outbox


@shared_task(ignore_result=True, queue="control")
def relay_outbox() -> int:
    """Deliver what is due in the outbox; return how many messages were accepted."""
    return outbox.relay()
