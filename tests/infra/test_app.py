"""The services: one image for all, a worker for every queue, careful deployments, and soft ends."""

import json

import pytest

from config import queues
from infra.render.images import ImageError, by_digest
from tests.infra.recording import ENVIRONMENTS, IMAGE, record

SERVICE, TASK = "ecs/service:Service", "ecs/taskDefinition:TaskDefinition"
WORKERS = [f"worker-{name}" for name in queues.NAMES]

each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def services(environment):
    return record("app", environment).of(SERVICE)


def containers(name, environment="prod"):
    return json.loads(record("app", environment).of(TASK)[name]["containerDefinitions"])


def container(name, environment="prod"):
    (only,) = containers(name, environment)
    return only


@each_environment
def test_every_queue_has_a_worker_and_there_is_nothing_else_to_run(environment):
    assert sorted(services(environment)) == sorted(["web", *WORKERS, "beat", "monitor"])
    assert container("worker-money", environment)["command"][:9] == [
        *("celery", "-A", "config", "worker", "-l", "info", "-Q", "money", "-n")
    ]


@each_environment
def test_all_services_and_the_migrations_are_the_same_bits(environment):
    tasks = record("app", environment).of(TASK)
    images = {one["image"] for name in tasks for one in containers(name, environment)}
    assert images == {IMAGE}


@pytest.mark.parametrize("image", ["matins:latest", "", "repo/matins@sha256:12", "x/y@sha256:" + "g" * 64])
def test_an_image_that_is_not_named_by_its_digest_is_refused_with_the_command_that_names_one(image):
    with pytest.raises(ImageError, match="pulumi -C infra/stacks/app config set image REPOSITORY@sha256:DIGEST"):
        by_digest(image)


@each_environment
def test_every_container_is_nobody_writes_nowhere_and_dies_with_its_signals_heard(environment):
    for name in record("app", environment).of(TASK):
        for it in containers(name, environment):
            assert it["user"] == "10001:10001", name
            assert it["readonlyRootFilesystem"] is True, name
            assert it["linuxParameters"] == {"initProcessEnabled": True}, name
            assert [mount["containerPath"] for mount in it["mountPoints"]] == ["/tmp"], name
            assert it["logConfiguration"]["options"]["mode"] == "non-blocking", name
            assert it["stopTimeout"] <= 120, name


@each_environment
def test_a_worker_has_time_to_give_back_what_it_could_not_finish(environment):
    for name in WORKERS:
        it = container(name, environment)
        variables = {one["name"]: one["value"] for one in it["environment"]}
        assert variables["REMAP_SIGTERM"] == "SIGQUIT"
        assert float(variables["CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT"]) + 30 == it["stopTimeout"] == 120


def test_a_task_names_the_very_value_of_a_secret_so_that_a_new_one_replaces_it():
    named = {secret["name"]: secret["valueFrom"] for secret in container("web")["secrets"]}
    assert len(named) == 5
    assert [value for value in named.values() if not value.endswith("-versionId")] == []


@each_environment
def test_no_container_is_told_a_secret_in_the_clear(environment):
    for name in record("app", environment).of(TASK):
        for it in containers(name, environment):
            plain = {one["name"] for one in it["environment"]}
            assert plain.isdisjoint(one["name"] for one in it["secrets"])
            assert not [one for one in plain if any(word in one for word in ("PASSWORD", "SECRET", "_KEY", "URL"))]
            assert all(one["valueFrom"].startswith("arn:") for one in it["secrets"])


def test_only_the_migrations_hold_the_owners_url_and_only_their_first_step_the_masters_password():
    holders = {
        one["name"]: {secret["name"] for secret in one["secrets"]}
        for name in record("app", "prod").of(TASK)
        for one in containers(name)
    }
    assert {name for name, secrets in holders.items() if "DATABASE_OWNER_URL" in secrets} == {"migrate", "roles"}
    assert {name for name, secrets in holders.items() if "DATABASE_MASTER_PASSWORD" in secrets} == {"roles"}


def test_migrations_wait_for_the_roles():
    roles, migrate = containers("migrate")
    assert (roles["name"], roles["essential"]) == ("roles", False)
    assert migrate["dependsOn"] == [{"containerName": "roles", "condition": "SUCCESS"}]


@each_environment
def test_no_service_changes_before_the_migrations_have_succeeded(environment):
    recording = record("app", environment)
    gate = recording.one("ssm/parameter:Parameter", "release")
    assert list(gate.request.hooks.before_create) == ["migrate"]
    assert list(gate.request.hooks.before_update) == ["migrate"]
    for name in services(environment):
        depends = list(recording.one(SERVICE, name).request.dependencies)
        assert [urn for urn in depends if urn.endswith("aws:ssm/parameter:Parameter::release")], name
    order = json.loads(gate.inputs["value"])
    assert order["image"] == IMAGE
    assert set(order) == {"image", "taskDefinition", "cluster", "subnets", "securityGroup", "logGroup", "region"}


@each_environment
def test_a_deployment_that_fails_is_taken_back(environment):
    for name, it in services(environment).items():
        assert it["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}, name
        assert it["waitForSteadyState"] is True, name
    assert services(environment)["web"]["alarms"] == {
        "alarmNames": [f"matins-{environment}-web-errors"],
        "enable": True,
        "rollback": True,
    }


def test_two_beats_are_replaced_one_by_one_and_a_single_one_is_stopped_first():
    two, one = services("prod")["beat"], services("dev")["beat"]
    assert (two["desiredCount"], two["deploymentMinimumHealthyPercent"], two["deploymentMaximumPercent"]) == (
        2,
        50,
        150,
    )
    assert (one["desiredCount"], one["deploymentMinimumHealthyPercent"], one["deploymentMaximumPercent"]) == (1, 0, 100)
    assert one["availabilityZoneRebalancing"] == "DISABLED"


@each_environment
def test_what_is_scaled_is_web_and_workers_and_a_deployment_leaves_their_number_alone(environment):
    recording = record("app", environment)
    scaled = set(recording.of("appautoscaling/target:Target"))
    assert scaled == {"web", *WORKERS}
    for name in services(environment):
        ignored = list(recording.one(SERVICE, name).request.ignoreChanges)
        assert ignored == (["desiredCount"] if name in scaled else []), name


def test_workers_are_scaled_by_their_queues_backlog_per_task():
    policy = record("app", "prod").of("appautoscaling/policy:Policy")["worker-money"]
    tracked = policy["targetTrackingScalingPolicyConfiguration"]
    assert (tracked["targetValue"], tracked["scaleOutCooldown"], tracked["scaleInCooldown"]) == (200, 60, 300)
    metric = tracked["customizedMetricSpecification"]
    assert (metric["namespace"], metric["metricName"]) == ("Matins", "BacklogPerTask")
    assert metric["dimensions"] == [{"name": "Environment", "value": "prod"}, {"name": "Queue", "value": "money"}]


@each_environment
def test_nobody_opens_a_shell_in_production(environment):
    opened = {it["enableExecuteCommand"] for it in services(environment).values()}
    assert opened == {environment != "prod"}


@each_environment
def test_tasks_that_are_missing_are_told_even_by_silence(environment):
    alarms = record("app", environment).of("cloudwatch/metricAlarm:MetricAlarm")
    for name in services(environment):
        assert alarms[f"{name}-running"]["treatMissingData"] == "breaching"


def test_only_the_web_stands_behind_the_load_balancer():
    behind = {name for name, it in services("prod").items() if it.get("loadBalancers")}
    assert behind == {"web"}
    (target,) = services("prod")["web"]["loadBalancers"]
    assert (target["containerName"], target["containerPort"]) == ("web", 8000)
