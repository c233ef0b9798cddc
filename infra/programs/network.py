"""Network: where everything stands, and who may talk to whom."""

import pulumi

from infra import outputs, stack
from infra.components.endpoints import Endpoints, S3Endpoint
from infra.components.flow_log import FlowLog
from infra.components.keys import Key
from infra.components.network import Network
from infra.components.security import SecurityGroups


def program() -> None:
    """Make the VPC, its ways out, its groups, and its log."""
    here = stack.begin()
    environment = here.settings
    network = Network("network", environment=environment, opts=here.opts)
    s3 = S3Endpoint("s3", environment=environment, network=network, opts=here.opts)
    security = SecurityGroups(
        "security",
        environment=environment,
        vpc_id=network.vpc.id,
        s3_prefix_list_id=s3.endpoint.prefix_list_id,
        opts=here.opts,
    )
    Endpoints(
        "endpoints",
        environment=environment,
        network=network,
        security_group_id=security.ids["endpoints"],
        opts=here.opts,
    )
    key = Key(
        "network", environment=environment, services=(f"logs.{environment.region}.amazonaws.com",), opts=here.opts
    )
    FlowLog("flow-log", environment=environment, network=network, key=key, opts=here.opts)
    outputs.publish(
        outputs.NetworkOutputs(
            vpc_id=network.vpc.id,
            public_subnet_ids=pulumi.Output.all(*(subnet.id for subnet in network.public)),
            private_subnet_ids=pulumi.Output.all(*(subnet.id for subnet in network.private)),
            isolated_subnet_ids=pulumi.Output.all(*(subnet.id for subnet in network.isolated)),
            security_group_ids=pulumi.Output.all(**security.ids),
        )
    )
