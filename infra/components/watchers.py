"""Who watches the watchers: alarms of CloudWatch for what Prometheus cannot see, its own end first of all."""

import pulumi

from infra.components.base import Component
from infra.components.roles import METRICS_NAMESPACE
from infra.components.scaling import BACKLOG_PER_TASK
from infra.components.topics import alarm
from infra.render.rules import NAMESPACE, group_names
from infra.settings import Environment

#: Minutes without the Watchdog, which is told every one or two.
SILENCE_MINUTES = 10


class Watchers(Component):
    """The alarms.

    Args:
        name: logical.
        environment: whose they are.
        workspace_id: of AMP.
        watchdog_topic_name: that the Watchdog is told to.
        topic_arn: who is told; another topic than AMP's own alerts go to.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        workspace_id: pulumi.Input[str],
        watchdog_topic_name: pulumi.Input[str],
        topic_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._environment, self._topic_arn, self._workspace_id = environment, topic_arn, workspace_id
        self._watchdog(watchdog_topic_name)
        for group in group_names():
            self._of_rules(group)
        self._of_delivery()
        for queue in environment.workers:
            self._of_monitor(queue)
        self.register_outputs({})

    def _watchdog(self, topic_name: pulumi.Input[str]) -> None:
        alarm(
            "watchdog",
            environment=self._environment,
            text="No alert can reach you: the Watchdog has not been told for ten minutes. Is the rule evaluated, does "
            f"Alertmanager run? Look into the log /aws/vendedlogs/matins/{self._environment.name}/metrics.",
            namespace="AWS/SNS",
            metric="NumberOfMessagesPublished",
            below=1,
            statistic="Sum",
            minutes=SILENCE_MINUTES,
            dimensions={"TopicName": topic_name},
            missing="breaching",  # Nothing published is no figure at all.
            topic_arn=self._topic_arn,
            opts=self.child(),
        )

    def _of_rules(self, group: str) -> None:
        alarm(
            f"rules-{group}",
            environment=self._environment,
            text=f"Rules of {group} cannot be evaluated, and their alerts cannot fire. The workspace's log says why.",
            namespace="AWS/Prometheus",
            metric="RuleEvaluationFailures",
            above=0,
            statistic="Sum",
            dimensions={"Workspace": self._workspace_id, "RuleGroup": f"{NAMESPACE};{group}"},
            topic_arn=self._topic_arn,
            opts=self.child(),
        )

    def _of_delivery(self) -> None:
        for metric, what in {"Failed": "cannot be delivered", "Throttled": "are held back by a quota"}.items():
            alarm(
                f"notifications-{metric.lower()}",
                environment=self._environment,
                text=f"Alertmanager's messages {what}: a page reaches nobody. The workspace's log says why.",
                namespace="AWS/Prometheus",
                metric=f"AlertManagerNotifications{metric}",
                above=0,
                statistic="Sum",
                minutes=1,
                dimensions={"Workspace": self._workspace_id},
                topic_arn=self._topic_arn,
                opts=self.child(),
            )

    def _of_monitor(self, queue: str) -> None:
        alarm(
            f"backlog-{queue}",
            environment=self._environment,
            text=f"Nobody has said for five minutes what waits in the queue {queue}: the monitor is down, or it cannot "
            "reach the broker or CloudWatch. The queue's workers stay as many as they are.",
            namespace=METRICS_NAMESPACE,
            metric=BACKLOG_PER_TASK,
            below=1,
            statistic="SampleCount",
            dimensions={"Environment": self._environment.name, "Queue": queue},
            missing="breaching",
            topic_arn=self._topic_arn,
            opts=self.child(),
        )
