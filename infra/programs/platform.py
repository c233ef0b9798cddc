"""Platform: where images lie, where services run, what they may do, and how the internet reaches them."""

import pulumi

from infra import outputs, stack
from infra.components.cluster import Cluster
from infra.components.entrance import Entrance
from infra.components.keys import Key
from infra.components.registry import Repository
from infra.components.roles import ServiceRoles
from infra.render.services import KINDS


def program() -> None:
    """Make the repositories, the cluster, the entrance, and the roles of every kind of service."""
    here = stack.begin()
    environment = here.settings
    network, data = outputs.read(outputs.NetworkOutputs), outputs.read(outputs.DataOutputs)
    users = (f"logs.{environment.region}.amazonaws.com", "ecr.amazonaws.com")
    key = Key("platform", environment=environment, services=users, opts=here.opts)
    app = Repository("app", environment=environment, key_arn=key.arn, opts=here.opts)
    collector = Repository("collector", environment=environment, key_arn=key.arn, opts=here.opts)
    cluster = Cluster("cluster", environment=environment, key=key, opts=here.opts)
    entrance = Entrance(
        "entrance",
        environment=environment,
        vpc_id=network.vpc_id,
        subnet_ids=network.public_subnet_ids,
        security_group_id=network.security_group_ids["load-balancer"],
        opts=here.opts,
    )
    roles = {
        kind: ServiceRoles(
            kind,
            environment=environment,
            repository_arns=[app.arn],
            secret_arns=data.secret_arns,
            master_secret_arn=data.master_secret_arn,
            data_key_arn=data.key_arn,
            log_key_arn=key.arn,
            files_bucket=data.files_bucket,
            opts=here.opts,
        )
        for kind in KINDS
    }
    outputs.publish(
        outputs.PlatformOutputs(
            repository_url=app.url,
            collector_repository_url=collector.url,
            cluster_arn=cluster.cluster.arn,
            cluster_name=cluster.cluster.name,
            target_group_arn=entrance.target_group.arn,
            load_balancer_suffix=entrance.balancer.arn_suffix,
            target_group_suffix=entrance.target_group.arn_suffix,
            execution_role_arns=pulumi.Output.all(**{kind: made.execution for kind, made in roles.items()}),
            task_role_arns=pulumi.Output.all(**{kind: made.task for kind, made in roles.items()}),
            log_groups=pulumi.Output.all(**{kind: made.log.name for kind, made in roles.items()}),
            key_arn=key.arn,
        )
    )
