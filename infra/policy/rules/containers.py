"""Containers: fixed bits, nobody's rights, a soft end, and no secret that a plan, a console or a log would show."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.policy.rule import ADVISORY, Faults, Resource, rule

TASK, PARAMETER = "aws:ecs/taskDefinition:TaskDefinition", "aws:ssm/parameter:Parameter"
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
ROOT = re.compile(r"^(root|0)?(:.*)?$")
#: Seconds; Fargate waits no longer.
LONGEST_STOP_S = 120
SOFT_SHUTDOWN = "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT"

SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|PRIVATE|DSN)|(^|_)(API|ACCESS|SIGNING|IDENTITY|SEALING)_?KEYS?(_|$)"
    r"|^(DATABASE|REDIS|BROKER|RESULT)\w*_URL$",
    re.IGNORECASE,
)
SECRET_VALUE = re.compile(
    r"://[^/\s:@]*:[^/\s@]+@"  # A URL with a password …
    r"|\bA[KS]IA[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY|\beyJ[\w-]+\.[\w-]+\.|\bgl(sa|c)_\w{20}"  # … keys, tokens.
)


def _containers(it: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for container in it.document("containerDefinitions"):
        yield container["name"], container


def _variables(container: Mapping[str, Any]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container.get("environment", [])}


@rule(TASK)
def images_are_named_by_their_digest(it: Resource) -> Faults:
    """Every task of a release runs the same bits, and so does a release that is rolled back to."""
    for name, container in _containers(it):
        if not DIGEST.search(container.get("image", "")):
            yield f"Container {name}: name its image by REPOSITORY@sha256:DIGEST."


@rule(TASK)
def containers_are_nobody_and_write_nowhere(it: Resource) -> Faults:
    """Whoever breaks into a container finds no rights and nothing to change."""
    for name, container in _containers(it):
        if ROOT.match(str(container.get("user", ""))):
            yield f"Container {name}: set user to one that is not root."
        if container.get("readonlyRootFilesystem") is not True:
            yield f"Container {name}: set readonlyRootFilesystem to true; what must write mounts a volume."
        if container.get("privileged"):
            yield f"Container {name}: remove privileged."


@rule(TASK)
def containers_have_time_to_end(it: Resource) -> Faults:
    """A container is told to stop, hears it, and has longer than the soft shutdown that it begins."""
    for name, container in _containers(it):
        stop, soft = container.get("stopTimeout", 30), float(_variables(container).get(SOFT_SHUTDOWN, 0))
        if stop > LONGEST_STOP_S:
            yield f"Container {name}: stopTimeout is {stop}; Fargate allows {LONGEST_STOP_S}."
        if stop <= soft:
            yield f"Container {name}: stopTimeout is {stop}, its soft shutdown takes {soft:g}; give it more."
        if container.get("linuxParameters", {}).get("initProcessEnabled") is not True:
            yield f"Container {name}: set initProcessEnabled, so that signals arrive and children end."


@rule(TASK)
def no_container_is_told_a_secret_in_the_clear(it: Resource) -> Faults:
    """Variables and commands are shown by the console, the API, every plan and the state."""
    for name, container in _containers(it):
        for variable, value in _variables(container).items():
            if SECRET_NAME.search(variable) or SECRET_VALUE.search(value):
                yield f"Container {name}: give it {variable} as one of its `secrets`, by ARN."
        if any(SECRET_VALUE.search(word) for word in container.get("command", [])):
            yield f"Container {name}: take the secret out of its command, and give it as one of its `secrets`."


@rule(PARAMETER)
def no_parameter_holds_a_secret(it: Resource) -> Faults:
    """A parameter of type String is shown to whoever may list parameters."""
    if it.get("type") != "SecureString" and SECRET_VALUE.search(it.known("value") or ""):
        yield "Keep it in Secrets Manager, or make it a SecureString."


@rule(TASK)
def containers_are_logged(it: Resource) -> Faults:
    """What a container says is kept in a log group of ours."""
    for name, container in _containers(it):
        log = container.get("logConfiguration", {})
        if log.get("logDriver") != "awslogs" or "awslogs-group" not in log.get("options", {}):
            yield f"Container {name}: set logConfiguration to awslogs and a group."


@rule(TASK, level=ADVISORY)
def a_full_log_is_thought_of(it: Resource) -> Faults:
    """Whether a container waits or loses lines while CloudWatch is away is said, not left to the account's default."""
    for name, container in _containers(it):
        if "mode" not in container.get("logConfiguration", {}).get("options", {}):
            yield f"Container {name}: set the log's mode, blocking or non-blocking, and max-buffer-size."


@rule(TASK)
def a_task_starts_with_one_role_and_works_with_another(it: Resource) -> Faults:
    """What reads secrets to start a task is not what the task's code may do."""
    start, work = it.known("executionRoleArn"), it.known("taskRoleArn")
    if not (it.has("executionRoleArn") and it.has("taskRoleArn")) or (start == work and start is not None):
        yield "Give it an execution role and a task role of its own."
