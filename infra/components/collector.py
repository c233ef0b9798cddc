"""The collector: one task that scrapes the monitor and every worker, and writes to one workspace."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.roles import role_of_tasks
from infra.components.service import SINGLE, Place, Service, Task
from infra.render import policies
from infra.render.collector import configuration
from infra.render.containers import Container
from infra.render.services import health_check

#: Where AWS' distribution looks for its configuration; a change of it is a new revision of the task.
CONFIGURATION = "AOT_CONFIG_CONTENT"
STOP_TIMEOUT_S = 30
FIND = ("ecs:ListServices", "ecs:ListTasks", "ecs:DescribeServices", "ecs:DescribeTasks")


class Collector(Component):
    """One task, because a second one would write the same samples again.

    Args:
        name: logical.
        place: where it runs.
        image: by digest.
        workspace_arn: it may write to, and to no other …
        remote_write: … at this address.
        key_arn: encrypts its log.
        security_group_id: of the collector.
    """

    def __init__(
        self,
        name: str,
        *,
        place: Place,
        image: str,
        workspace_arn: pulumi.Input[str],
        remote_write: pulumi.Output[str],
        key_arn: pulumi.Input[str],
        security_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._place = place
        environment = place.environment
        self._log = aws.cloudwatch.LogGroup(
            name,
            name=f"/matins/{environment.name}/{name}",
            retention_in_days=environment.log_days,
            kms_key_id=key_arn,
            opts=self.child(),
        )
        task = Task(
            name,
            environment=environment,
            size=environment.collector,
            execution_role_arn=self._role("start", self._start()),
            task_role_arn=self._role("task", self._work(workspace_arn)),
            containers=[self._container(image, remote_write)],
            opts=self.child(),
        )
        self.service = Service(
            name,
            place=place,
            task=task,
            tasks=1,
            security_group_id=security_group_id,
            rollout=SINGLE,
            after=[],
            opts=self.child(),
        )
        self.register_outputs({})

    def _container(self, image: str, remote_write: pulumi.Output[str]) -> Container:
        environment = self._place.environment
        known = pulumi.Output.all(self._place.cluster_name, remote_write)
        content = known.apply(lambda it: configuration(environment, cluster=it[0], remote_write=it[1]))
        return Container(
            name=self.name,
            image=image,
            command=[f"--config=env:{CONFIGURATION}"],
            variables={CONFIGURATION: pulumi.Output.json_dumps(content)},
            secrets={},
            log_group=self._log.name,
            region=environment.region,
            stop_timeout_s=STOP_TIMEOUT_S,
            health=health_check(["/healthcheck"]),
        )

    def _role(self, purpose: str, statements: list[policies.Statement]) -> pulumi.Output[str]:
        label = f"{self.name}-{purpose}"
        return role_of_tasks(label, environment=self._place.environment, statements=statements, opts=self.child())

    def _start(self) -> list[policies.Statement]:
        environment = self._place.environment
        registry = f"arn:aws:ecr:{environment.region}:{environment.account_id}:repository"
        return policies.start([f"{registry}/{environment.named(self.name)}"], self._log.arn)

    def _work(self, workspace_arn: pulumi.Input[str]) -> list[policies.Statement]:
        """Write samples to the one workspace, and look for tasks in the one cluster."""
        here = {"ArnEquals": {"ecs:cluster": self._place.cluster_arn}}
        return [
            policies.allow("aps:RemoteWrite", on=[workspace_arn]),
            policies.allow(*FIND, on=["*"], when=here),
            policies.allow("ecs:DescribeTaskDefinition", on=["*"]),  # It knows no resources.
        ]
