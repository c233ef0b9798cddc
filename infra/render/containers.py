"""Container definitions: what ECS is told to run, the same care for every one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

#: The image's own user; no container runs as root.
USER = "10001:10001"
#: The one place a container may write to; it is gone with the task.
SCRATCH = "tmp"


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of a task.

    Args:
        name: within the task.
        image: by digest.
        command: run by the image's entry point, without a shell.
        variables: plain ones.
        secrets: ARNs by variable; ECS reads them when the task starts.
        log_group: where its lines go.
        region: of the log group.
        stop_timeout_s: seconds between SIGTERM and SIGKILL, 120 at most.
        port: it listens on, or None.
        health: its health check, or None where the exit code says all.
        after: a container that must have succeeded before this one starts.
        is_essential: the task ends when it does.
    """

    name: str
    image: str
    command: Sequence[str]
    variables: Mapping[str, pulumi.Input[str]]
    secrets: Mapping[str, pulumi.Input[str]]
    log_group: pulumi.Input[str]
    region: str
    stop_timeout_s: int
    port: int | None = None
    health: Mapping[str, object] | None = None
    after: str | None = None
    is_essential: bool = True


def definitions(*containers: Container) -> pulumi.Output[str]:
    """Return the JSON text of a task's containers."""
    return pulumi.Output.json_dumps([_definition(container) for container in containers])


def _definition(it: Container) -> dict[str, Any]:
    definition: dict[str, Any] = {
        "name": it.name,
        "image": it.image,
        "command": list(it.command),
        "essential": it.is_essential,
        "user": USER,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"initProcessEnabled": True},
        "environment": [{"name": name, "value": value} for name, value in sorted(it.variables.items())],
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in sorted(it.secrets.items())],
        "mountPoints": [{"sourceVolume": SCRATCH, "containerPath": "/tmp", "readOnly": False}],  # noqa: S108
        "logConfiguration": _log(it),
        "stopTimeout": it.stop_timeout_s,
        "versionConsistency": "enabled",
    }
    if it.port:
        definition["portMappings"] = [{"containerPort": it.port, "protocol": "tcp"}]
    if it.health:
        definition["healthCheck"] = dict(it.health)
    if it.after:
        definition["dependsOn"] = [{"containerName": it.after, "condition": "SUCCESS"}]
    return definition


def _log(it: Container) -> dict[str, Any]:
    options = {
        "awslogs-group": it.log_group,
        "awslogs-region": it.region,
        "awslogs-stream-prefix": it.name,
        # Blocking, ECS' older default, would stop a worker while CloudWatch is away; 25 MB bridge an outage.
        "mode": "non-blocking",
        "max-buffer-size": "25m",
    }
    return {"logDriver": "awslogs", "options": options}
