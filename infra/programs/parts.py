"""What the app's services are put together from: the image, and what the stacks before have told."""

from collections.abc import Mapping, Sequence

import pulumi

from infra import outputs
from infra.components.release import Release
from infra.components.service import Place, Rollout, Service, Task
from infra.render import services
from infra.render.containers import Container
from infra.render.flows import WEB
from infra.render.names import bucket_name
from infra.settings.sizes import Size
from infra.stack import Stack


class Parts:
    """Makes containers, tasks and services of one image in one place.

    Args:
        here: the running program's environment and provider.
        image: by digest.
    """

    def __init__(self, here: Stack, *, image: str) -> None:
        self.environment, self.opts, self.image = here.settings, here.opts, image
        self.network = outputs.read(outputs.NetworkOutputs)
        self.data = outputs.read(outputs.DataOutputs)
        self.platform = outputs.read(outputs.PlatformOutputs)
        self.place = Place(
            environment=here.settings,
            cluster_arn=self.platform.cluster_arn,
            cluster_name=self.platform.cluster_name,
            subnet_ids=self.network.private_subnet_ids,
            topic_arn=outputs.read(outputs.BootstrapOutputs).topic_arn,
        )

    def container(
        self,
        kind: str,
        name: str,
        command: Sequence[str],
        *,
        more: Mapping[str, str] | None = None,
        more_secrets: Mapping[str, pulumi.Input[str]] | None = None,
        stop_timeout_s: int = services.STOP_TIMEOUT_S,
        port: int | None = None,
        health: Mapping[str, object] | None = None,
        after: str | None = None,
        is_essential: bool = True,
    ) -> Container:
        """Return a container with its kind's variables, secrets and log, and what it has besides."""
        common = services.variables(self.environment, bucket_name(self.environment, "files"))
        own = {variable: self.data.secret_versions[variable] for variable in services.secrets(kind)}
        return Container(
            name=name,
            image=self.image,
            command=command,
            variables={**common, **(more or {})},
            secrets={**own, **(more_secrets or {})},
            log_group=self.platform.log_groups[kind],
            region=self.environment.region,
            stop_timeout_s=stop_timeout_s,
            port=port,
            health=health,
            after=after,
            is_essential=is_essential,
        )

    def task(self, kind: str, name: str, size: Size, *containers: Container) -> Task:
        """Return the task definition of these containers, with its kind's roles."""
        return Task(
            name,
            environment=self.environment,
            size=size,
            execution_role_arn=self.platform.execution_role_arns[kind],
            task_role_arn=self.platform.task_role_arns[kind],
            containers=containers,
            opts=self.opts,
        )

    def service(
        self, kind: str, name: str, size: Size, container: Container, *, tasks: int, rollout: Rollout, release: Release
    ) -> Service:
        """Return a service of one container, which changes once the release's migrations have succeeded."""
        is_web = kind == "web"
        return Service(
            name,
            place=self.place,
            task=self.task(kind, name, size, container),
            tasks=tasks,
            security_group_id=self.network.security_group_ids[kind],
            rollout=rollout,
            is_scaled=kind in ("web", "worker"),
            target_group_arn=self.platform.target_group_arn if is_web else None,
            port=WEB if is_web else 0,
            after=[release.parameter],
            opts=self.opts,
        )
