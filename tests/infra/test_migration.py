"""The gate: a release whose migrations did not succeed changes no service; calls are held against AWS' own model."""

import boto3
import pytest
from botocore.stub import ANY, Stubber

from infra import migration

ORDER = {
    "image": "i",
    "taskDefinition": "arn:task-definition",
    "cluster": "arn:cluster",
    "subnets": ["subnet-1", "subnet-2"],
    "securityGroup": "sg-1",
    "logGroup": "/matins/prod/migrate",
    "region": "eu-west-1",
}
STARTED = {"tasks": [{"taskArn": "arn:task"}], "failures": []}


@pytest.fixture
def ecs():
    client = boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as answers:
        client.answers = answers
        yield client
        answers.assert_no_pending_responses()


def starts(ecs, answer=None):
    network = {"subnets": ORDER["subnets"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}
    asked = {
        "cluster": "arn:cluster",
        "taskDefinition": "arn:task-definition",
        "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": network},
    }
    ecs.answers.add_response("run_task", answer or STARTED, asked)


def ends(ecs, **exit_codes):
    ended = [{"name": name} | ({} if code is None else {"exitCode": code}) for name, code in exit_codes.items()]
    task = {"lastStatus": "STOPPED", "stoppedReason": "Essential container exited", "containers": ended}
    for _ in ("the waiter", "the judgement"):
        ecs.answers.add_response("describe_tasks", {"tasks": [task]}, {"cluster": "arn:cluster", "tasks": ANY})


def test_migrations_that_succeed_let_the_services_change(ecs):
    starts(ecs)
    ends(ecs, roles=0, migrate=0)
    migration.run(ORDER, ecs)


@pytest.mark.parametrize("code", [1, 137, None], ids=["failed", "killed", "never-started"])
def test_migrations_that_fail_stop_the_deployment_and_name_their_log(ecs, code):
    starts(ecs)
    ends(ecs, roles=0, migrate=code)
    with pytest.raises(migration.MigrationFailedError, match=rf"'migrate': {code}.*log is in /matins/prod/migrate"):
        migration.run(ORDER, ecs)


def test_migrations_that_find_no_place_to_run_stop_the_deployment(ecs):
    starts(ecs, {"tasks": [], "failures": [{"reason": "RESOURCE:MEMORY"}]})
    with pytest.raises(migration.MigrationFailedError, match=r"did not start: .*RESOURCE:MEMORY"):
        migration.run(ORDER, ecs)


def test_migrations_that_take_too_long_are_waited_for_by_the_engineer(ecs, monkeypatch):
    monkeypatch.setattr(migration, "POLL_S", 0)
    monkeypatch.setattr(migration, "POLLS", 2)
    starts(ecs)
    for _ in range(2):
        running = {"tasks": [{"lastStatus": "RUNNING"}]}
        ecs.answers.add_response("describe_tasks", running, {"cluster": "arn:cluster", "tasks": ["arn:task"]})
    with pytest.raises(migration.MigrationFailedError, match="still run"):
        migration.run(ORDER, ecs)
