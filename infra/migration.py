"""Runs the migrations of a release as a task of their own, and stops the deployment when they fail."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pulumi
from botocore.exceptions import WaiterError

from infra.exceptions import DeploymentError

POLL_S, POLLS = 15, 480  # Two hours: every tenant's schema is migrated.


class MigrationFailedError(DeploymentError):
    """The migrations of a release did not succeed; no service was changed."""


def migrate(args: pulumi.ResourceHookArgs) -> None:
    """Run the migrations that the release's parameter is about to record.

    Args:
        args: of the hook; the parameter's new value is the order, in JSON.

    Raises:
        MigrationFailedError: they could not start, failed, or took longer than two hours.
    """
    order = json.loads((args.new_inputs or {})["value"])
    pulumi.log.info(f"Migrating with {order['image']} before any service changes.")
    run(order, boto3.client("ecs", region_name=order["region"]))
    pulumi.log.info("Every schema is migrated.")


def run(order: Mapping[str, Any], ecs: Any) -> None:
    """Start the task, wait for it, and read its containers' exit codes.

    Args:
        order: cluster, taskDefinition, subnets, securityGroup, logGroup.
        ecs: boto3's client.

    Raises:
        MigrationFailedError: see `migrate`.
    """
    network = {"subnets": order["subnets"], "securityGroups": [order["securityGroup"]], "assignPublicIp": "DISABLED"}
    started = ecs.run_task(
        cluster=order["cluster"],
        taskDefinition=order["taskDefinition"],
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
    )
    if started["failures"]:
        raise MigrationFailedError(f"The migrations did not start: {started['failures']}. No service was changed.")
    task = started["tasks"][0]["taskArn"]
    try:
        ecs.get_waiter("tasks_stopped").wait(
            cluster=order["cluster"], tasks=[task], WaiterConfig={"Delay": POLL_S, "MaxAttempts": POLLS}
        )
    except WaiterError as error:
        raise MigrationFailedError(f"The migrations still run ({task}): wait for them, then deploy again.") from error
    _judge(ecs.describe_tasks(cluster=order["cluster"], tasks=[task])["tasks"][0], order)


def _judge(task: Mapping[str, Any], order: Mapping[str, Any]) -> None:
    ended = {container["name"]: container.get("exitCode") for container in task["containers"]}
    failed = {name: code for name, code in ended.items() if code != 0}
    if failed:
        reason = task.get("stoppedReason", "no reason given")
        raise MigrationFailedError(
            f"The migrations failed ({failed}, {reason}); no service was changed. "
            f"Their log is in {order['logGroup']}; mend the cause and deploy again, they go on where they stopped."
        )
