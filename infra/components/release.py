"""The gate between a new image and the services: its migrations have succeeded, or nothing changes."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.settings import Environment

Migrate = Callable[[pulumi.ResourceHookArgs], None]


class Release(Component):
    """A parameter that says which image the schemas were migrated with last; services depend on it.

    Before it is written, the migrations run. When they succeeded and the services then fail, ECS takes these back to
    the image before, and the parameter stays: the schemas are ahead. Migrations must therefore leave the release
    before them working (add first, remove a release later), and the next deployment of the same image starts with
    the services.

    Args:
        name: logical.
        environment: names the parameter.
        order: JSON of what `infra.migration.run` needs, the image included.
        migrate: runs them, and raises when they fail.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        order: pulumi.Input[str],
        migrate: Migrate,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        gate = pulumi.ResourceHook("migrate", migrate)
        self.parameter = aws.ssm.Parameter(
            name,
            name=f"/matins/{environment.name}/release",
            description="The image that the schemas were migrated with last.",
            type="String",
            value=order,
            opts=self.child(hooks=pulumi.ResourceHookBinding(before_create=[gate], before_update=[gate])),
        )
        self.register_outputs({})
