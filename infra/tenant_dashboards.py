"""`python -m infra.tenant_dashboards ENVIRONMENT` gives every tenant its own dashboard in Managed Grafana.

Which tenants there are is known to the database alone, which nobody outside can ask; so `manage.py tenant_dashboards`
runs there, as a task like the workers of `control`, with a token that lives as long as it does.
"""

import argparse
import sys
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from infra.components.dashboards import DATA_SOURCE, DATA_SOURCE_TYPE
from infra.exceptions import DeploymentError
from infra.grafana_token import TOKEN, URL, minted
from infra.settings import Environment, load

#: Its task knows the database as the app does, and workers alone may speak to the world.
WORKER = "worker-control"
POLL_S, POLLS = 6, 500


class SyncFailedError(DeploymentError):
    """The tenants' dashboards may not be what they should be."""

    def __init__(self, environment: Environment, reason: str) -> None:
        super().__init__(
            f"The tenants' dashboards of {environment.name} were not brought in step: {reason}. "
            f"Its log is in /matins/{environment.name}/worker; mend the cause and run it again."
        )


def sync(environment: Environment, *, ecs: Any, grafana: Any) -> None:
    """Run the task and wait for its end.

    Args:
        environment: whose tenants.
        ecs: boto3's client.
        grafana: boto3's client.

    Raises:
        GrafanaMissingError: there is no Grafana yet.
        SyncFailedError: the task did not start, did not end, or failed.
    """
    with minted(environment, grafana) as variables:
        try:
            _judge(environment, _run(environment, ecs, variables))
        except (BotoCoreError, ClientError, WaiterError) as error:
            raise SyncFailedError(environment, str(error)) from error


def _run(environment: Environment, ecs: Any, variables: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the task as it ended."""
    cluster, name = f"matins-{environment.name}", environment.named(WORKER)
    services = ecs.describe_services(cluster=cluster, services=[name])["services"]
    if not services:
        raise SyncFailedError(environment, f"there is no service {name}; deploy the stack app first")
    started = ecs.run_task(
        cluster=cluster,
        taskDefinition=services[0]["taskDefinition"],
        launchType="FARGATE",
        networkConfiguration=services[0]["networkConfiguration"],
        overrides={"containerOverrides": [_override(variables)]},
    )
    if started["failures"]:
        raise SyncFailedError(environment, f"it did not start: {started['failures']}")
    tasks = [started["tasks"][0]["taskArn"]]
    patience = {"Delay": POLL_S, "MaxAttempts": POLLS}
    ecs.get_waiter("tasks_stopped").wait(cluster=cluster, tasks=tasks, WaiterConfig=patience)
    return dict(ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"][0])


def _override(variables: Mapping[str, str]) -> Mapping[str, Any]:
    command = ["python", "manage.py", "tenant_dashboards", "--sync", variables[URL]]
    source = ["--data-source", DATA_SOURCE, "--data-source-type", DATA_SOURCE_TYPE]
    return {
        "name": WORKER,
        "command": [*command, *source],
        "environment": [{"name": TOKEN, "value": variables[TOKEN]}],
    }


def _judge(environment: Environment, task: Mapping[str, Any]) -> None:
    code = task["containers"][0].get("exitCode")
    if code != 0:
        reason = task.get("stoppedReason", "no reason given")
        raise SyncFailedError(environment, f"it ended with {code} ({reason})")


def main(arguments: list[str] | None = None) -> int:
    """Bring them in step and return the exit code; 3 where that failed."""
    parser = argparse.ArgumentParser(prog="python -m infra.tenant_dashboards", description=__doc__)
    parser.add_argument("environment", help="one of infra/environments")
    given = parser.parse_args(arguments)
    try:
        environment = load(given.environment)
        clients = {service: boto3.client(service, region_name=environment.region) for service in ("ecs", "grafana")}
        sync(environment, **clients)
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return 3
    print(f"Every tenant of {environment.name} has its dashboard.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
