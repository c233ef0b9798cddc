"""What every stack's program begins with: its environment's settings, and the one provider that may act for it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.settings import Environment, load


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A running program's environment and provider.

    Args:
        settings: of the environment the stack is named after.
        provider: refuses every account but the environment's.
    """

    settings: Environment
    provider: aws.Provider

    @property
    def opts(self) -> pulumi.ResourceOptions:
        """The options of whatever has no parent: without them Pulumi would make a provider of its own."""
        return pulumi.ResourceOptions(provider=self.provider)


def begin() -> Stack:
    """Read the environment that the stack is named after, and make its provider.

    Raises:
        SettingsError: the environment cannot be used.
    """
    settings = load(pulumi.get_stack())
    tags = {"Project": "matins", "Environment": settings.name, "Stack": pulumi.get_project(), "ManagedBy": "pulumi"}
    provider = aws.Provider(
        "aws",
        region=settings.region,
        allowed_account_ids=[settings.account_id],
        default_tags={"tags": tags},
    )
    return Stack(settings=settings, provider=provider)
