"""The one list of queues: workers, infrastructure, alerts and dashboards are made from it or tested against it."""

from collections.abc import Sequence
from dataclasses import dataclass

# A body gets this long between SoftTimeLimitExceeded and SIGKILL to roll back.
SOFT_LIMIT_LEAD_S = 60
# A task killed at its hard limit is already reconciled by then; the redelivery finds its run taken.
VISIBILITY_MARGIN_S = 300


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One Celery queue with its own worker service.

    Args:
        name: the queue's name in the broker, in `celery worker -Q` and on every screen.
        purpose: one line for operators.
        time_limit_s: hard limit of one task, in seconds.
    """

    name: str
    purpose: str
    time_limit_s: int

    @property
    def soft_time_limit_s(self) -> int:
        """Seconds after which a body is told to stop, by an exception."""
        return self.time_limit_s - SOFT_LIMIT_LEAD_S

    @property
    def visibility_timeout_s(self) -> int:
        """Seconds after which the broker redelivers an unacknowledged message: above the hard limit."""
        return self.time_limit_s + VISIBILITY_MARGIN_S


QUEUES: tuple[Queue, ...] = (
    Queue(name="control", purpose="fan-out by hand, outbox relay, canaries", time_limit_s=600),
    Queue(name="money", purpose="the books: accrual, fees, payments, delinquency", time_limit_s=3600),
    Queue(name="casework", purpose="cases, dunning, promises, assignments", time_limit_s=1800),
    Queue(name="documents", purpose="statements, Metro 2 files, snapshots", time_limit_s=3600),
)

NAMES: tuple[str, ...] = tuple(queue.name for queue in QUEUES)
DEFAULT = "control"


def slowest(queue_names: Sequence[str]) -> Queue:
    """Return the queue with the longest time limit among those a worker consumes."""
    return max((queue for queue in QUEUES if queue.name in queue_names), key=lambda queue: queue.time_limit_s)


def unacked_keys(queue_names: Sequence[str]) -> dict[str, str]:
    """Return kombu's keys of taken but unacknowledged messages, for a worker that consumes these queues.

    A worker redelivers whatever in its keys is older than its own visibility timeout: workers of different
    timeouts that share keys start running tasks twice. So each queue's worker has its own, and those of
    several queues, whose timeout is the longest of theirs, share one set.
    """
    suffix = f":{queue_names[0]}" if len(queue_names) == 1 else ""
    return {f"{key}_key": f"{key}{suffix}" for key in ("unacked", "unacked_index", "unacked_mutex")}


#: Every (hash of messages, index of their times) a worker may have left something in.
UNACKED_SETS: tuple[tuple[str, str], ...] = tuple(
    (keys["unacked_key"], keys["unacked_index_key"])
    for keys in (unacked_keys(NAMES), *(unacked_keys([name]) for name in NAMES))
)
