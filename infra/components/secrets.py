"""Secrets that the app's tasks are started with."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.settings import Environment

DAYS_TO_THINK = 30


class AppSecrets(Component):
    """One secret in Secrets Manager for each environment variable that holds one.

    The values are in Pulumi's state, encrypted by the stack's secrets provider; they change when their configuration
    does, and never by themselves. AWS keeps the one before, for tasks that are taken back.

    Args:
        name: logical.
        environment: names them; production's wait a month before they are gone.
        key_arn: encrypts them.
        values: by environment variable; each must be a secret.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        key_arn: pulumi.Input[str],
        values: dict[str, pulumi.Output[str]],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self.arns: dict[str, pulumi.Output[str]] = {}
        #: As a task definition names the very value, so that a new one replaces the tasks that have read the old.
        self.versions: dict[str, pulumi.Output[str]] = {}
        for variable, value in values.items():
            label = variable.lower().replace("_", "-")
            secret = aws.secretsmanager.Secret(
                label,
                name=f"matins/{environment.name}/{label}",
                kms_key_id=key_arn,
                recovery_window_in_days=DAYS_TO_THINK if environment.production else 7,
                opts=self.child(),
            )
            version = aws.secretsmanager.SecretVersion(
                label, secret_id=secret.id, secret_string=value, opts=self.child()
            )
            self.arns[variable] = secret.arn
            self.versions[variable] = pulumi.Output.concat(secret.arn, ":::", version.version_id)
        self.register_outputs({})
