"""More tasks when work waits, fewer when it is done."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.roles import METRICS_NAMESPACE
from infra.settings import Environment

OUT_S, IN_S = 60, 300
#: The monitor says, of every queue and every minute, how many messages wait per task; zeros too.
BACKLOG_PER_TASK = "BacklogPerTask"
WEB_CPU_PERCENT = 60


class Scaling(Component):
    """Keeps a figure near its target by changing a service's number of tasks.

    Args:
        name: the service's.
        environment: whose it is.
        cluster_name: the service runs in.
        service_name: in AWS.
        least: tasks.
        most: tasks.
        queue: whose backlog per task decides; None for the service's CPU.
        target: of that figure.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        cluster_name: pulumi.Input[str],
        service_name: pulumi.Input[str],
        least: int,
        most: int,
        queue: str | None,
        target: float,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        bounds = aws.appautoscaling.Target(
            name,
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=pulumi.Output.concat("service/", cluster_name, "/", service_name),
            min_capacity=least,
            max_capacity=most,
            opts=self.child(),
        )
        aws.appautoscaling.Policy(
            name,
            name=environment.named(name),
            policy_type="TargetTrackingScaling",
            service_namespace=bounds.service_namespace,
            scalable_dimension=bounds.scalable_dimension,
            resource_id=bounds.resource_id,
            target_tracking_scaling_policy_configuration=tracking(environment, queue, target),
            opts=self.child(),
        )
        self.register_outputs({})


def tracking(
    environment: Environment, queue: str | None, target: float
) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgsDict:
    """Return what is tracked: out fast, in slowly."""
    common: aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgsDict = {
        "target_value": target,
        "scale_out_cooldown": OUT_S,
        "scale_in_cooldown": IN_S,
    }
    if queue is None:
        return {
            **common,
            "predefined_metric_specification": {"predefined_metric_type": "ECSServiceAverageCPUUtilization"},
        }
    return {
        **common,
        "customized_metric_specification": {
            "namespace": METRICS_NAMESPACE,
            "metric_name": BACKLOG_PER_TASK,
            "statistic": "Average",
            "dimensions": [
                {"name": "Environment", "value": environment.name},
                {"name": "Queue", "value": queue},
            ],
        },
    }
