"""The platform: immutable images, one way in, and roles that can do their own work only."""

import json

import pytest

from tests.infra.recording import ENVIRONMENTS, record


def statements(name, environment="prod"):
    policy = record("platform", environment).of("iam/rolePolicy:RolePolicy")[name]["policy"]
    return json.loads(policy)["Statement"]


def actions(name, environment="prod"):
    return {action for statement in statements(name, environment) for action in statement["Action"]}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_image_is_never_replaced_and_always_searched(environment):
    repositories = record("platform", environment).of("ecr/repository:Repository")
    assert len(repositories) == 2
    for repository in repositories.values():
        assert repository["imageTagMutability"] == "IMMUTABLE"
        assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
        assert repository["encryptionConfigurations"][0]["encryptionType"] == "KMS"
        assert repository["forceDelete"] is False


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_site_speaks_modern_tls_only(environment):
    listeners = record("platform", environment).of("lb/listener:Listener")
    assert [(it["port"], it["protocol"], it["sslPolicy"]) for it in listeners.values()] == [
        (443, "HTTPS", "ELBSecurityPolicy-TLS13-1-2-2021-06")
    ]


def test_the_site_and_its_tenants_have_names_and_a_certificate():
    recording = record("platform", "prod")
    (certificate,) = recording.of("acm/certificate:Certificate").values()
    assert certificate["domainName"] == "matins.example.com"
    assert certificate["subjectAlternativeNames"] == ["*.matins.example.com"]
    records = recording.of("route53/record:Record")
    assert {name: it["name"] for name, it in records.items()} == {
        "proof": "_a.example.com",
        "site": "matins.example.com",
        "tenants": "*.matins.example.com",
    }


def test_a_database_that_is_away_replaces_no_web_task():
    (group,) = record("platform", "prod").of("lb/targetGroup:TargetGroup").values()
    assert (group["healthCheck"]["path"], group["deregistrationDelay"]) == ("/healthz", 30)


def test_names_that_aws_keeps_short_are_short():
    recording = record("platform", "staging")
    for kind in ("lb/loadBalancer:LoadBalancer", "lb/targetGroup:TargetGroup"):
        assert all(len(it["name"]) <= 32 for it in recording.of(kind).values())


@pytest.mark.parametrize("kind", ["web", "worker", "beat", "monitor"])
def test_only_migrations_know_the_owner_and_the_master(kind):
    read = str(statements(f"{kind}-start"))
    assert "database-owner-url" not in read
    assert "master" not in read
    migrate = str(statements("migrate-start"))
    assert "database-owner-url" in migrate
    assert "database-master" in migrate


def test_a_service_can_do_its_own_work_only():
    policies = record("platform", "prod").of("iam/rolePolicy:RolePolicy")
    assert {name for name in policies if name.endswith("-task")} == {"web-task", "worker-task", "monitor-task"}
    assert actions("monitor-task") == {"cloudwatch:PutMetricData", "ecs:DescribeServices"}
    assert statements("monitor-task")[0]["Condition"] == {"StringEquals": {"cloudwatch:namespace": "Matins"}}
    assert {action.partition(":")[0] for action in actions("worker-task")} == {"s3", "kms"}


def test_nobody_opens_a_shell_in_production():
    assert not any(action.startswith("ssmmessages:") for action in actions("worker-task"))
    assert any(action.startswith("ssmmessages:") for action in actions("worker-task", "dev"))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("stack", ["bootstrap", "network", "platform"])
def test_a_role_may_everything_on_nothing(stack, environment):
    """A star alone is a resource only for what belongs to none, or where a condition says which."""
    for name, policy in record(stack, environment).of("iam/rolePolicy:RolePolicy").items():
        for statement in json.loads(policy["policy"])["Statement"]:
            if statement["Effect"] == "Allow":
                assert "*" not in statement["Action"], name
            if statement["Effect"] == "Allow" and statement["Resource"] == ["*"] and "Condition" not in statement:
                assert all(action.startswith(("ssmmessages:", "ecr:GetAuth")) for action in statement["Action"]), name
