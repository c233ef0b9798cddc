"""Tenants' own dashboards: made where the tenants are known, with a token that ends with the task."""

import boto3
import pytest
from botocore.stub import Stubber

from infra import tenant_dashboards
from infra.settings import load
from infra.tenant_dashboards import SyncFailedError, sync
from tests.infra.recording import record
from tests.infra.test_grafana_token import DELETED, MADE, WORKSPACE, accounts, amazon, workspaces

PROD = load("prod")
TASK = "arn:aws:ecs:eu-west-1:111111111111:task/matins-prod/1"
DEFINITION = "arn:aws:ecs:eu-west-1:111111111111:task-definition/matins-prod-worker-control:7"
WHERE = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}}
GRAFANA = (workspaces(WORKSPACE), accounts("pulumi"), MADE, DELETED)
COMMAND = [
    *("python", "manage.py", "tenant_dashboards", "--sync", f"https://{WORKSPACE['endpoint']}"),
    *("--data-source", "matins-metrics", "--data-source-type", "grafana-amazonprometheus-datasource"),
]
OVERRIDE = {
    "name": "worker-control",
    "command": COMMAND,
    "environment": [{"name": "MATINS_GRAFANA_TOKEN", "value": "glsa_x"}],
}
FOUND = (
    "describe_services",
    {"services": [{"taskDefinition": DEFINITION, "networkConfiguration": WHERE}]},
    {"cluster": "matins-prod", "services": ["matins-prod-worker-control"]},
)
OF_TASK = {"cluster": "matins-prod", "tasks": [TASK]}


def started(**answer):
    asked = {"cluster": "matins-prod", "taskDefinition": DEFINITION, "launchType": "FARGATE"}
    asked |= {"networkConfiguration": WHERE, "overrides": {"containerOverrides": [OVERRIDE]}}
    return "run_task", {"tasks": [{"taskArn": TASK}], "failures": [], **answer}, asked


def ended(code):
    task = {"lastStatus": "STOPPED", "stoppedReason": "done", "containers": [{"exitCode": code}]}
    return "describe_tasks", {"tasks": [task]}, OF_TASK


def test_the_command_runs_as_a_worker_does_and_the_token_ends_with_it():
    with amazon("grafana", *GRAFANA) as grafana, amazon("ecs", FOUND, started(), ended(0), ended(0)) as ecs:
        sync(PROD, ecs=ecs, grafana=grafana)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([("describe_services", {"services": []}, FOUND[2])], "deploy the stack app first"),
        ([FOUND, started(failures=[{"reason": "RESOURCE:MEMORY"}])], "it did not start: .*RESOURCE:MEMORY"),
        ([FOUND, started(), ended(1), ended(1)], r"it ended with 1 \(done\)"),
        ([("describe_services", "AccessDeniedException", {})], "AccessDeniedException"),
    ],
    ids=["no service", "not started", "failed", "refused"],
)
def test_a_failure_says_where_to_look_and_leaves_no_token(answers, reason):
    refusal = pytest.raises(SyncFailedError, match=reason)
    with amazon("grafana", *GRAFANA) as grafana, amazon("ecs", *answers) as ecs, refusal as refused:
        sync(PROD, ecs=ecs, grafana=grafana)
    assert "/matins/prod/worker" in str(refused.value)


def test_the_worker_it_runs_as_is_one_that_is_deployed():
    service = record("app", "prod").of("ecs/service:Service")[tenant_dashboards.WORKER]
    assert service["name"] == "matins-prod-worker-control"
    assert record("platform", "prod").of("cloudwatch/logGroup:LogGroup")["worker"]["name"] == "/matins/prod/worker"


def test_a_refusal_is_a_sentence_and_no_traceback(monkeypatch, capsys):
    client = boto3.client("grafana", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stub:
        stub.add_response(*workspaces())
        monkeypatch.setattr(tenant_dashboards.boto3, "client", lambda *_, **__: client)
        assert tenant_dashboards.main(["prod"]) == 3
    assert capsys.readouterr().err.startswith("No token for the Grafana of prod: there is no workspace")
