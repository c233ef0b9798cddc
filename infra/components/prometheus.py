"""Amazon Managed Service for Prometheus: where metrics are kept, rules are evaluated and alerts are routed."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.keys import Key
from infra.render import alertmanager, rules
from infra.settings import Environment

#: What one scrape of the monitor may bring, and again so much while it is being replaced.
MONITOR_SERIES = 2 * 30_000
#: What a worker's task may show, for twice as many tasks as there can be: series of the last two hours count.
WORKER_SERIES_PER_TASK = 2 * 2_000


class Prometheus(Component):
    """The workspace, its limits and its log.

    Args:
        name: logical.
        environment: whose it is.
        key: encrypts metrics and log.
    """

    def __init__(self, name: str, *, environment: Environment, key: Key, opts: pulumi.ResourceOptions) -> None:
        super().__init__(name, opts)
        self._environment = environment
        group = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/vendedlogs/matins/{environment.name}/{name}",
            retention_in_days=environment.log_days,
            kms_key_id=key.arn,
            opts=self.child(),
        )
        self.workspace = aws.amp.Workspace(
            name,
            alias=f"matins-{environment.name}",
            kms_key_arn=key.arn,
            logging_configuration={"log_group_arn": pulumi.Output.concat(group.arn, ":*")},
            opts=self.child(keep=environment.production),
        )
        aws.amp.WorkspaceConfiguration(
            name,
            workspace_id=self.workspace.id,
            retention_period_in_days=environment.metrics.days,
            rule_query_offset_in_seconds=rules.OFFSET_S,
            limits_per_label_sets=[
                {"label_set": {"job": job}, "limits": {"max_series": most}} for job, most in limits(environment).items()
            ],
            opts=self.child(),
        )
        self.arn, self.endpoint = self.workspace.arn, self.workspace.prometheus_endpoint
        self.register_outputs({"arn": self.arn})


class Alerting(Component):
    """The rules and the routing of a workspace.

    Args:
        name: logical.
        environment: whose night it is.
        workspace_id: of AMP.
        topics: ARNs by receiver.
        grafana: address that alerts lead to.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        workspace_id: pulumi.Input[str],
        topics: Mapping[str, pulumi.Input[str]],
        grafana: pulumi.Output[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        aws.amp.RuleGroupNamespace(
            name,
            name=rules.NAMESPACE,
            workspace_id=workspace_id,
            data=grafana.apply(lambda address: rules.rules_text(environment, grafana=address)),
            opts=self.child(),
        )
        aws.amp.AlertManagerDefinition(
            name,
            workspace_id=workspace_id,
            definition=pulumi.Output.all(**topics).apply(lambda arns: _routing(environment, arns)),
            opts=self.child(),
        )
        self.register_outputs({})


def limits(environment: Environment) -> dict[str, int]:
    """Return how many series each job may have, so that no mistake in a label costs more than its own job's metrics."""
    tasks = sum(worker.max_tasks for worker in environment.workers.values())
    return {"matins-monitor": MONITOR_SERIES, "matins-worker": WORKER_SERIES_PER_TASK * tasks}


def _routing(environment: Environment, topics: Mapping[str, str]) -> str:
    return alertmanager.definition(rules.thresholds(environment), region=environment.region, topics=topics)
