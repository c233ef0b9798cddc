"""Who talked to whom inside the VPC, kept for as long as the environment's logs."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.keys import Key
from infra.components.network import Network
from infra.render import policies
from infra.settings import Environment


class FlowLog(Component):
    """Logs every connection of the VPC, refused ones too.

    Args:
        name: logical, and part of the role's name.
        environment: says how long.
        network: that is watched.
        key: encrypts the log; its policy must name CloudWatch Logs.
    """

    def __init__(
        self, name: str, *, environment: Environment, network: Network, key: Key, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(name, opts)
        group = aws.cloudwatch.LogGroup(
            name,
            name=f"/matins/{environment.name}/network",
            retention_in_days=environment.log_days,
            kms_key_id=key.arn,
            opts=self.child(),
        )
        role = aws.iam.Role(
            name,
            name=environment.named(name),
            assume_role_policy=policies.document(
                policies.assume("vpc-flow-logs.amazonaws.com", environment.account_id)
            ),
            opts=self.child(),
        )
        streams = pulumi.Output.concat(group.arn, ":*")
        aws.iam.RolePolicy(
            name,
            role=role.id,
            policy=policies.document(
                policies.allow("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", on=[streams])
            ),
            opts=self.child(),
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=network.vpc.id,
            traffic_type="ALL",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            opts=self.child(),
        )
        self.register_outputs({"log_group": group.name})
