"""The ECS cluster on Fargate: no machines of ours, every shell into a task logged."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.keys import Key
from infra.settings import Environment


class Cluster(Component):
    """One cluster.

    Args:
        name: logical.
        environment: names it.
        key: encrypts what shells into tasks send, and their log.
    """

    def __init__(self, name: str, *, environment: Environment, key: Key, opts: pulumi.ResourceOptions) -> None:
        super().__init__(name, opts)
        shells = aws.cloudwatch.LogGroup(
            "shells",
            name=f"/matins/{environment.name}/shells",
            retention_in_days=environment.log_days,
            kms_key_id=key.arn,
            opts=self.child(),
        )
        self.cluster = aws.ecs.Cluster(
            name,
            name=f"matins-{environment.name}",
            settings=[{"name": "containerInsights", "value": "enhanced"}],
            configuration={
                "execute_command_configuration": {
                    "kms_key_id": key.arn,
                    "logging": "OVERRIDE",
                    "log_configuration": {
                        "cloud_watch_log_group_name": shells.name,
                        "cloud_watch_encryption_enabled": True,
                    },
                }
            },
            opts=self.child(),
        )
        aws.ecs.ClusterCapacityProviders(
            name, cluster_name=self.cluster.name, capacity_providers=["FARGATE"], opts=self.child()
        )
        self.register_outputs({"arn": self.cluster.arn})
