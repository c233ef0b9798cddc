"""A KMS key that turns every year, with an alias to find it by."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.render import policies
from infra.settings import Environment

DAYS_TO_THINK = 30
USE = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")


class Key(Component):
    """One key.

    Args:
        name: logical, and behind `matins-<environment>-` the alias.
        environment: whose account administers it.
        services: of AWS, that use it on behalf of this account, e.g. `logs.eu-west-1.amazonaws.com`.
    """

    def __init__(
        self, name: str, *, environment: Environment, services: tuple[str, ...] = (), opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(name, opts)
        # CloudWatch Logs names no source account when it asks for a key, only the group it asks for.
        statements = [
            policies.allow_service(service, *USE, when=_on_behalf_of(service, environment)) for service in services
        ]
        self.key = aws.kms.Key(
            name,
            description=f"Matins {environment.name}: {name}",
            enable_key_rotation=True,
            deletion_window_in_days=DAYS_TO_THINK,
            policy=policies.document(policies.administer(environment.account_id), *statements),
            opts=self.child(keep=environment.production),
        )
        alias = f"alias/{environment.named(name)}"
        aws.kms.Alias(name, name=alias, target_key_id=self.key.key_id, opts=self.child())
        self.arn = self.key.arn
        self.register_outputs({"arn": self.arn})


def _on_behalf_of(service: str, environment: Environment) -> policies.Condition:
    if service.startswith("logs."):
        groups = f"arn:aws:logs:{environment.region}:{environment.account_id}:*"
        return {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    return {"StringEquals": {"aws:SourceAccount": environment.account_id}}
