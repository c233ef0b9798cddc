"""Ways to AWS' own services that do not need the internet: images, logs and secrets outlive a lost NAT gateway."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.network import Network
from infra.settings import Environment

#: What the tasks call: metrics, images, whom to scrape, logs, figures, secrets, notices, parameters, a shell in dev.
SERVICES = (
    *("aps-workspaces", "ecr.api", "ecr.dkr", "ecs", "logs", "monitoring", "secretsmanager"),
    *("sns", "ssm", "ssmmessages"),
)


class S3Endpoint(Component):
    """S3 by route: where the layers of images lie, statements, Metro 2 and ACH files."""

    def __init__(self, name: str, *, environment: Environment, network: Network, opts: pulumi.ResourceOptions) -> None:
        super().__init__(name, opts)
        self.endpoint = aws.ec2.VpcEndpoint(
            name,
            vpc_id=network.vpc.id,
            service_name=f"com.amazonaws.{environment.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in network.private_tables],
            tags={"Name": environment.named("s3")},
            opts=self.child(),
        )
        self.register_outputs({})


class Endpoints(Component):
    """An interface in every private subnet for each of the services.

    Args:
        name: logical.
        environment: says which region.
        network: with the private subnets.
        security_group_id: that the services' groups may call.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        network: Network,
        security_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        for service in SERVICES:
            aws.ec2.VpcEndpoint(
                service,
                vpc_id=network.vpc.id,
                service_name=f"com.amazonaws.{environment.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=[subnet.id for subnet in network.private],
                security_group_ids=[security_group_id],
                tags={"Name": environment.named(service)},
                opts=self.child(),
            )
        self.register_outputs({})
