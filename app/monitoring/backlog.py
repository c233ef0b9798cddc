"""Tells CloudWatch, once a minute, how many messages wait per task of each queue: what ECS scales workers by.

Only where `MATINS_CLOUDWATCH_ENVIRONMENT` names the deployment. A queue without a figure is silent, never zero: an
alarm of CloudWatch hears that, and the workers stay as many as they are.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.conf import settings

from monitoring.queues import QueueReading
from monitoring.watch import Watch

logger = logging.getLogger(__name__)

NAMESPACE, METRIC = "Matins", "BacklogPerTask"
EVERY_S = 60.0
# Of an older look nobody knows what has been taken since.
FRESH_S = 30.0
# ECS describes no more at a time.
SERVICES_AT_A_TIME = 10
# Two attempts within half of a period: a hanging call must not cost the next figure.
TIMEOUT_S, ATTEMPTS = 5, 2


class Backlog:
    """What waits per task.

    Args:
        queues: looks at the broker.
    """

    def __init__(self, queues: Watch[Sequence[QueueReading]]) -> None:
        self._queues = queues
        #: Times that CloudWatch could not be told.
        self.errors = 0

    @property
    def is_wanted(self) -> bool:
        """Whether anybody scales by it."""
        return bool(settings.MATINS_CLOUDWATCH_ENVIRONMENT)

    def tell(self) -> None:
        """Tell what is known now; what CloudWatch does not take is counted, and told again in a minute."""
        from botocore.exceptions import BotoCoreError, ClientError

        readings = self._readings()
        if not readings:
            return
        try:
            tasks = self._tasks([one.queue for one in readings])
            self._cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[_datum(one, tasks) for one in readings])
        except (BotoCoreError, ClientError) as error:
            self.errors += 1
            reason = str(error).partition("\n")[0]
            logger.warning("CloudWatch was not told what waits; workers stay as many as they are: %s", reason)

    def _readings(self) -> Sequence[QueueReading]:
        last = self._queues.last
        if last is None or time.monotonic() - last.began > FRESH_S:
            return []
        return [one for one in last.found if one.messages is not None]

    def _tasks(self, names: Sequence[str]) -> Mapping[str, int]:
        """Return the running tasks of each worker service."""
        services = [service_of(name) for name in names]
        chunks = [services[at : at + SERVICES_AT_A_TIME] for at in range(0, len(services), SERVICES_AT_A_TIME)]
        answers = [self._ecs.describe_services(cluster=cluster(), services=chunk) for chunk in chunks]
        return {one["serviceName"]: one["runningCount"] for answer in answers for one in answer["services"]}

    @cached_property
    def _cloudwatch(self) -> Any:
        return _client("cloudwatch")

    @cached_property
    def _ecs(self) -> Any:
        return _client("ecs")


def _client(service: str) -> Any:
    """Return boto3's client; its 30 MB and its second are only for who needs it."""
    import boto3
    from botocore.config import Config

    retries = {"total_max_attempts": ATTEMPTS}
    return boto3.client(service, config=Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries=retries))


def cluster() -> str:
    """Return the name of the deployment's ECS cluster, as `infra` makes it."""
    return f"matins-{settings.MATINS_CLOUDWATCH_ENVIRONMENT}"


def service_of(queue: str) -> str:
    """Return the name of a queue's worker service, as `infra` makes it."""
    return f"{cluster()}-worker-{queue}"


def _datum(one: QueueReading, tasks: Mapping[str, int]) -> dict[str, Any]:
    # Taken and not acknowledged is work too. Where no task runs, all of it waits for the first.
    waiting = (one.messages or 0) + (one.unacked or 0)
    return {
        "MetricName": METRIC,
        "Dimensions": [
            {"Name": "Environment", "Value": settings.MATINS_CLOUDWATCH_ENVIRONMENT},
            {"Name": "Queue", "Value": one.queue},
        ],
        "Value": waiting / max(1, tasks.get(service_of(one.queue), 0)),
        "Unit": "Count",
    }
