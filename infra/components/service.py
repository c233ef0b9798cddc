"""A service on Fargate: tasks that are replaced carefully, taken back when they fail, and counted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.topics import alarm
from infra.render.containers import SCRATCH, Container, definitions
from infra.settings import Environment
from infra.settings.sizes import Size

PATIENCE = pulumi.CustomTimeouts(create="30m", update="30m", delete="40m")


@dataclass(frozen=True, kw_only=True)
class Place:
    """What all services of an environment have in common.

    Args:
        environment: whose they are.
        cluster_arn: they run in.
        cluster_name: as metrics name it.
        subnet_ids: private ones.
        topic_arn: who is told when tasks are missing.
    """

    environment: Environment
    cluster_arn: pulumi.Input[str]
    cluster_name: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    topic_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """How a service's tasks are replaced, in percent of those wanted.

    Args:
        least: that stay in service meanwhile.
        most: that run meanwhile, old and new.
        alarms: that take a deployment back when they go off.
    """

    least: int
    most: int
    alarms: Sequence[pulumi.Input[str]] = field(default=())

    @property
    def rebalancing(self) -> str:
        """Moving a task to an emptier zone starts a second one first; where that is not wanted, it stays."""
        return "ENABLED" if self.most > 100 else "DISABLED"  # noqa: PLR2004 - percent


ROLLING = Rollout(least=100, most=200)
#: Beat: one of two stays; any number may tick, because the ledger decides.
HALVES = Rollout(least=50, most=150)
#: Stop, then start: never two at once.
SINGLE = Rollout(least=0, most=100)


class Task(Component):
    """A task definition: what runs, how large, and as whom.

    Args:
        name: logical, and behind `matins-<environment>-` the family.
        environment: whose it is.
        size: of the whole task.
        execution_role_arn: that starts it.
        task_role_arn: that it works as.
        containers: its parts.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        size: Size,
        execution_role_arn: pulumi.Input[str],
        task_role_arn: pulumi.Input[str],
        containers: Sequence[Container],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self.definition = aws.ecs.TaskDefinition(
            name,
            family=environment.named(name),
            cpu=str(size.cpu),
            memory=str(size.memory),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform={"cpu_architecture": environment.architecture, "operating_system_family": "LINUX"},
            execution_role_arn=execution_role_arn,
            task_role_arn=task_role_arn,
            volumes=[{"name": SCRATCH}],
            container_definitions=definitions(*containers),
            skip_destroy=True,  # ECS takes a failed deployment back to the revision before.
            opts=self.child(),
        )
        self.arn = self.definition.arn
        self.register_outputs({"arn": self.arn})


class Service(Component):
    """Keeps a number of tasks running, and tells when it cannot.

    Args:
        name: logical, and behind `matins-<environment>-` its name.
        place: where it runs.
        task: what it runs.
        tasks: how many.
        security_group_id: of its kind.
        rollout: how its tasks are replaced.
        is_scaled: something else changes the number of tasks between deployments.
        target_group_arn: of a load balancer, or None.
        port: the load balancer sends to.
        after: what must have succeeded before it changes.
    """

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        task: Task,
        tasks: int,
        security_group_id: pulumi.Input[str],
        rollout: Rollout,
        is_scaled: bool = False,
        target_group_arn: pulumi.Input[str] | None = None,
        port: int = 0,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        environment = place.environment
        behind: list[aws.ecs.ServiceLoadBalancerArgsDict] = []
        if target_group_arn:
            behind.append({"target_group_arn": target_group_arn, "container_name": name, "container_port": port})
        self.service = aws.ecs.Service(
            name,
            name=environment.named(name),
            cluster=place.cluster_arn,
            task_definition=task.arn,
            desired_count=tasks,
            launch_type="FARGATE",
            platform_version="1.4.0",
            network_configuration={
                "subnets": place.subnet_ids,
                "security_groups": [security_group_id],
                "assign_public_ip": False,
            },
            load_balancers=behind,
            health_check_grace_period_seconds=60 if behind else None,
            deployment_minimum_healthy_percent=rollout.least,
            deployment_maximum_percent=rollout.most,
            availability_zone_rebalancing=rollout.rebalancing,
            deployment_circuit_breaker={"enable": True, "rollback": True},
            alarms={"alarm_names": list(rollout.alarms), "enable": True, "rollback": True} if rollout.alarms else None,
            wait_for_steady_state=True,
            enable_execute_command=not environment.production,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            opts=self.child(
                depends_on=list(after),
                ignore_changes=["desired_count"] if is_scaled else None,
                custom_timeouts=PATIENCE,
            ),
        )
        alarm(
            f"{name}-running",
            environment=environment,
            text=f"Fewer {name} tasks run than there should: look at the service's events and its log.",
            namespace="ECS/ContainerInsights",
            metric="RunningTaskCount",
            below=tasks,
            statistic="Maximum",
            minutes=10,
            dimensions={"ClusterName": place.cluster_name, "ServiceName": self.service.name},
            missing="breaching",
            topic_arn=place.topic_arn,
            opts=self.child(),
        )
        self.register_outputs({"name": self.service.name})
