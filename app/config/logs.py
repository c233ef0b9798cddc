"""Names the run in every line that is logged while a worker does it, so that the board can say what to search for."""

import logging

from celery import current_task


class WithRun(logging.Filter):
    """Gives each record `run`: ` run 4711` while that run is done, in what Celery says of it too; else nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        run_id = _run_id()
        record.run = f" run {run_id}" if run_id else ""
        return True


def _run_id() -> object:
    from schedules.publishing import RUN_HEADER  # Logging is set up before the apps are.

    # Celery logs how a task ended after the body, and whatever that had set, are gone; its request is still there.
    request = current_task.request if current_task else None
    headers = getattr(request, "headers", None) or {}
    return headers.get(RUN_HEADER)
