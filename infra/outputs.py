"""What one stack tells the next, typed: published by field name and read back from a StackReference."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import pulumi
from pulumi.output import UNKNOWN

from infra.exceptions import DeploymentError

Strings = pulumi.Output[list[str]]
String = pulumi.Output[str]
Named = pulumi.Output[dict[str, str]]


class UpstreamMissingError(DeploymentError):
    """A stack that this one builds on does not exist yet, or was last deployed by an older version of this code."""

    def __init__(self, project: str, output: str) -> None:
        stack = pulumi.get_stack()
        super().__init__(
            f"The stack {project} of {stack} has no output {output!r}: run `pulumi -C infra/stacks/"
            f"{project.removeprefix('matins-')} up --stack {stack}` first."
        )


@dataclass(frozen=True, kw_only=True)
class BootstrapOutputs:
    """Args: the topic that tells the people on call, and the key it is encrypted with."""

    PROJECT = "matins-bootstrap"
    topic_arn: String
    key_arn: String


@dataclass(frozen=True, kw_only=True)
class NetworkOutputs:
    """Args: the VPC, its subnets, and the security group of each role."""

    PROJECT = "matins-network"
    vpc_id: String
    public_subnet_ids: Strings
    private_subnet_ids: Strings
    isolated_subnet_ids: Strings
    security_group_ids: Named


@dataclass(frozen=True, kw_only=True)
class DataOutputs:
    """Args: what is watched, the secrets that hold URLs with passwords, their values' versions, the bucket of files."""

    PROJECT = "matins-data"
    database_id: String
    broker_id: String
    secret_arns: Named
    secret_versions: Named
    master_secret_arn: String
    key_arn: String
    files_bucket: String


@dataclass(frozen=True, kw_only=True)
class PlatformOutputs:
    """Args: where images lie, where services run and how the internet reaches them."""

    PROJECT = "matins-platform"
    repository_url: String
    collector_repository_url: String
    cluster_arn: String
    cluster_name: String
    target_group_arn: String
    load_balancer_suffix: String
    target_group_suffix: String
    execution_role_arns: Named
    task_role_arns: Named
    log_groups: Named
    key_arn: String


@dataclass(frozen=True, kw_only=True)
class AppOutputs:
    """Args: the services by role, and the task definition of migrations."""

    PROJECT = "matins-app"
    service_names: Named
    migrate_task_definition_arn: String


@dataclass(frozen=True, kw_only=True)
class ObservabilityOutputs:
    """Args: where metrics are kept, and where Grafana is."""

    PROJECT = "matins-observability"
    metrics_url: String
    grafana_url: String


Outputs = TypeVar(
    "Outputs", BootstrapOutputs, NetworkOutputs, DataOutputs, PlatformOutputs, AppOutputs, ObservabilityOutputs
)


def publish(outputs: Outputs) -> None:
    """Export every field under its name."""
    for field in fields(outputs):
        pulumi.export(field.name, getattr(outputs, field.name))


def read(kind: type[Outputs]) -> Outputs:
    """Return what the stack of this kind published for the same environment.

    An output that is not there is unknown in a preview, and an UpstreamMissingError when it is really needed.
    """
    reference = pulumi.StackReference(f"organization/{kind.PROJECT}/{pulumi.get_stack()}")
    return kind(**{field.name: _field(reference, kind.PROJECT, field.name) for field in fields(kind)})


def _field(reference: pulumi.StackReference, project: str, name: str) -> pulumi.Output[Any]:
    def pick(outputs: Mapping[str, Any]) -> Any:
        if name in outputs:
            return outputs[name]
        if pulumi.runtime.is_dry_run():
            return UNKNOWN
        raise UpstreamMissingError(project, name)

    return reference.outputs.apply(pick)
