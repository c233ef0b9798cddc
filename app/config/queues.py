"""The one list of queues: workers, infrastructure, alerts and dashboards are made from it or tested against it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One Celery queue with its own worker service.

    Args:
        name: the queue's name in the broker, in `celery worker -Q` and on every screen.
        purpose: one line for operators.
        time_limit_s: hard limit of one task, in seconds; the soft limit comes `SOFT_LIMIT_LEAD_S` earlier.
    """

    name: str
    purpose: str
    time_limit_s: int

    @property
    def visibility_timeout_s(self) -> int:
        """Seconds after which the broker redelivers an unacknowledged message: above the hard limit (F10)."""
        return self.time_limit_s + VISIBILITY_MARGIN_S


# A body gets this long between SoftTimeLimitExceeded and SIGKILL to roll back.
SOFT_LIMIT_LEAD_S = 60
# A task killed at its hard limit is already reconciled by then; the redelivery finds its run taken.
VISIBILITY_MARGIN_S = 300

QUEUES: tuple[Queue, ...] = (
    Queue(name="control", purpose="fan-out by hand, outbox relay, canaries", time_limit_s=600),
    Queue(name="money", purpose="the books: accrual, fees, payments, delinquency", time_limit_s=3600),
    Queue(name="casework", purpose="cases, dunning, promises, assignments", time_limit_s=1800),
    Queue(name="documents", purpose="statements, Metro 2 files, snapshots", time_limit_s=3600),
)

NAMES: tuple[str, ...] = tuple(queue.name for queue in QUEUES)
DEFAULT = "control"
