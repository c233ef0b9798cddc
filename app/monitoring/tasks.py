"""Monitoring's own task: no tenant's, thin, and in no line."""

from datetime import datetime

from celery import shared_task

from monitoring import canaries


@shared_task(ignore_result=True)
def canary(queue: str, sent_at: str) -> None:
    """Prove that a queue's messages come through, by writing it down.

    Args:
        queue: whose canary this is.
        sent_at: lease time at which it was sent (ISO).
    """
    canaries.come_through(queue=queue, sent_at=datetime.fromisoformat(sent_at))
