"""Observability: encrypted, heard by whom it concerns, and watched by something that does not depend on it."""

import json
import re

import pytest
import yaml

from config import queues
from infra.components.prometheus import limits
from infra.components.topics import unhurried
from infra.programs import observability
from infra.render import rules
from infra.settings import load
from monitoring import backlog, families
from monitoring.queues import QueueReading
from tests.infra.recording import COLLECTOR, ENVIRONMENTS, ROOT, STACKS, record, run
from tests.ops.panels import all_dashboards, questions

MAIN = {stack: ROOT / "infra" / "stacks" / stack / "__main__.py" for stack in ("app", "observability")}
ALARM, TOPIC, ROLE_POLICY = "cloudwatch/metricAlarm:MetricAlarm", "sns/topic:Topic", "iam/rolePolicy:RolePolicy"

each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def recorded(environment="prod"):
    return record("observability", environment)


def alarms(environment="prod"):
    return recorded(environment).of(ALARM)


def statements(kind, name, environment="prod"):
    return json.loads(recorded(environment).of(kind)[name]["policy"])["Statement"]


def upstream(stack, environment):
    return {f"matins-{name}": record(name, environment).outputs for name in STACKS[stack]}


@each_environment
def test_metrics_are_encrypted_logged_and_kept_as_long_as_the_environment_says(environment):
    (workspace,) = recorded(environment).of("amp/workspace:Workspace").values()
    assert workspace["kmsKeyArn"].endswith("key/observability")
    assert workspace["loggingConfiguration"]["logGroupArn"].endswith("/metrics:*")
    (kept,) = recorded(environment).of("amp/workspaceConfiguration:WorkspaceConfiguration").values()
    assert kept["retentionPeriodInDays"] == load(environment).metrics.days
    assert kept["ruleQueryOffsetInSeconds"] == 15
    most = {one["labelSet"]["job"]: one["limits"]["maxSeries"] for one in kept["limitsPerLabelSets"]}
    assert most == limits(load(environment)) == {"matins-monitor": 60_000, "matins-worker": most["matins-worker"]}


def test_productions_metrics_are_protected():
    assert recorded("prod").one("amp/workspace:Workspace", "metrics").request.protect
    assert not recorded("dev").one("amp/workspace:Workspace", "metrics").request.protect


@each_environment
def test_rules_and_routing_are_those_that_were_rendered(environment):
    (group,) = recorded(environment).of("amp/ruleGroupNamespace:RuleGroupNamespace").values()
    assert group["data"] == rules.rules_text(load(environment), grafana="https://grafana-endpoint")
    (routing,) = recorded(environment).of("amp/alertManagerDefinition:AlertManagerDefinition").values()
    inner = yaml.safe_load(yaml.safe_load(routing["definition"])["alertmanager_config"])
    told = {one["name"]: one["sns_configs"][0]["topic_arn"] for one in inner["receivers"] if "sns_configs" in one}
    assert {name: arn.rpartition("/")[2] for name, arn in told.items()} == {
        it: it for it in ("pager", "chat", "deadman")
    }


@each_environment
def test_every_topic_is_encrypted_and_takes_messages_from_the_one_workspace_only(environment):
    assert len(recorded(environment).of(TOPIC)) == 3
    for name, topic in recorded(environment).of(TOPIC).items():
        assert topic["kmsMasterKeyId"].endswith("key/observability")
        (only,) = statements("sns/topicPolicy:TopicPolicy", name, environment)
        assert only["Principal"] == {"Service": "aps.amazonaws.com"}
        assert only["Action"] == ["sns:Publish", "sns:GetTopicAttributes"]
        assert only["Condition"]["StringEquals"] == {"aws:SourceAccount": load(environment).account_id}
        assert only["Condition"]["ArnEquals"]["aws:SourceArn"].endswith("/metrics")


def subscribed(environment):
    found = recorded(environment).of("sns/topicSubscription:TopicSubscription").values()
    return sorted((one["topic"].rpartition("/")[2], one["protocol"], one["endpoint"]) for one in found)


def test_pages_wake_people_and_tickets_do_not():
    mail = "loan-platform@example.com"
    assert subscribed("prod") == [
        ("chat", "email", mail),
        ("pager", "email", mail),
        ("pager", "https", "https://events.example.com/integration/sns/matins-prod"),
    ]
    assert subscribed("dev") == [("chat", "email", mail), ("pager", "email", mail)]


def test_where_nobody_has_mail_tickets_go_where_pages_go():
    environment = load("prod")
    alone = environment.model_copy(update={"on_call": environment.on_call.model_copy(update={"mail": ()})})
    assert [one.protocol for one in unhurried(alone)] == ["https"]


@each_environment
def test_somebody_outside_hears_when_the_watchdog_is_silent(environment):
    it = alarms(environment)["watchdog"]
    assert (it["namespace"], it["metricName"], it["statistic"]) == ("AWS/SNS", "NumberOfMessagesPublished", "Sum")
    assert (it["comparisonOperator"], it["threshold"], it["period"] * it["evaluationPeriods"]) == (
        "LessThanThreshold",
        1,
        600,
    )
    assert it["dimensions"] == {"TopicName": f"matins-{environment}-deadman"}
    assert it["treatMissingData"] == "breaching"


@each_environment
def test_no_alarm_about_the_alerts_goes_the_way_of_the_alerts(environment):
    told = {arn for it in alarms(environment).values() for arn in (*it["alarmActions"], *it["okActions"])}
    assert told == {record("bootstrap", environment).outputs["topic_arn"]}


def test_every_group_of_rules_and_every_way_of_delivery_has_an_alarm():
    found = {name: it for name, it in alarms().items() if it["namespace"] == "AWS/Prometheus"}
    assert {it["dimensions"].get("RuleGroup") for it in found.values()} - {None} == {
        "matins;matins-platform",
        "matins;matins-night",
        "matins;matins-slow",
    }
    assert {it["metricName"] for it in found.values()} == {
        "RuleEvaluationFailures",
        "AlertManagerNotificationsFailed",
        "AlertManagerNotificationsThrottled",
    }
    assert {it["dimensions"]["Workspace"] for it in found.values()} == {"metrics-id"}


@each_environment
def test_a_monitor_that_says_nothing_is_heard_for_every_queue(environment):
    for queue in queues.NAMES:
        it = alarms(environment)[f"backlog-{queue}"]
        assert (it["statistic"], it["threshold"], it["treatMissingData"]) == ("SampleCount", 1, "breaching")
        assert (it["namespace"], it["metricName"]) == (backlog.NAMESPACE, backlog.METRIC)
        assert it["dimensions"] == {"Environment": environment, "Queue": queue}


@each_environment
def test_the_monitor_asks_ecs_for_the_services_that_there_are(environment, monkeypatch):
    monkeypatch.setattr("django.conf.settings.MATINS_CLOUDWATCH_ENVIRONMENT", environment)
    services = {it["name"] for it in record("app", environment).of("ecs/service:Service").values()}
    assert {backlog.service_of(queue) for queue in queues.NAMES} < services
    (cluster,) = record("platform", environment).of("ecs/cluster:Cluster").values()
    assert backlog.cluster() == cluster["name"]
    containers = record("app", environment).of("ecs/taskDefinition:TaskDefinition")["monitor"]["containerDefinitions"]
    told = {one["name"]: one["value"] for one in json.loads(containers)[0]["environment"]}
    assert told["MATINS_CLOUDWATCH_ENVIRONMENT"] == environment
    assert told["AWS_DEFAULT_REGION"] == load(environment).region


@each_environment
def test_the_collector_writes_to_one_workspace_and_looks_at_one_cluster(environment):
    work = statements(ROLE_POLICY, "collector-task", environment)
    assert [(one["Action"], one["Resource"]) for one in work if "aps:RemoteWrite" in one["Action"]] == [
        (["aps:RemoteWrite"], ["arn:aws:amp:eu-west-1:333333333333:workspace/metrics"])
    ]
    for one in work:
        if one["Resource"] == ["*"] and one["Action"] != ["ecs:DescribeTaskDefinition"]:
            assert one["Condition"]["ArnEquals"]["ecs:cluster"].endswith("cluster/cluster")
    (pull,) = [
        one for one in statements(ROLE_POLICY, "collector-start", environment) if "ecr:BatchGetImage" in one["Action"]
    ]
    repositories = record("platform", environment).of("ecr/repository:Repository")
    assert pull["Resource"][0].endswith(f":repository/{repositories['collector']['name']}")


@each_environment
def test_one_collector_runs_like_every_other_service_with_its_configuration_in_its_revision(environment):
    tasks = recorded(environment).of("ecs/taskDefinition:TaskDefinition")
    (it,) = json.loads(tasks["collector"]["containerDefinitions"])
    assert (it["image"], it["user"], it["readonlyRootFilesystem"]) == (COLLECTOR, "10001:10001", True)
    assert it["command"] == ["--config=env:AOT_CONFIG_CONTENT"]
    (content,) = [one["value"] for one in it["environment"] if one["name"] == "AOT_CONFIG_CONTENT"]
    (exporter,) = json.loads(content)["exporters"].values()
    assert exporter["endpoint"] == "metrics-prometheusEndpointapi/v1/remote_write"
    service = recorded(environment).of("ecs/service:Service")["collector"]
    assert (service["desiredCount"], service["deploymentMaximumPercent"]) == (1, 100)
    assert alarms(environment)["collector-running"]["treatMissingData"] == "breaching"


@each_environment
def test_grafana_reads_the_one_workspace_and_nothing_else(environment):
    assert [(sorted(one["Action"]), one["Resource"]) for one in statements(ROLE_POLICY, "grafana", environment)] == [
        (
            ["aps:GetLabels", "aps:GetMetricMetadata", "aps:GetSeries", "aps:QueryMetrics"],
            ["arn:aws:amp:eu-west-1:333333333333:workspace/metrics"],
        )
    ]
    (grafana,) = recorded(environment).of("grafana/workspace:Workspace").values()
    assert (grafana["authenticationProviders"], grafana["permissionType"]) == (["AWS_SSO"], "CUSTOMER_MANAGED")
    assert json.loads(grafana["configuration"])["unifiedAlerting"] == {"enabled": False}
    (account,) = recorded(environment).of("grafana/workspaceServiceAccount:WorkspaceServiceAccount").values()
    assert (account["name"], account["grafanaRole"]) == ("pulumi", "ADMIN")


@each_environment
def test_no_token_of_grafana_is_a_resource(environment):
    kinds = {one.type for stack in ("observability", "dashboards") for one in record(stack, environment).resources}
    assert not [kind for kind in kinds if re.search("(?i)token|apikey", kind)]


def test_nobody_makes_a_grafana_that_nobody_could_sign_in_to():
    gate = recorded().one("grafana/workspace:Workspace", "grafana").request.hooks
    assert (list(gate.before_create), list(gate.before_update)) == (["sign-in"], [])
    assert recorded().hooks["sign-in"].callback is observability.identity_center.check


def test_with_saml_the_provider_says_who_somebody_is(monkeypatch):
    prod = load("prod")
    saml = {"sign_in": "saml", "saml_metadata": "https://idp.example.com/metadata", "admins": ("sre",)}
    changed = prod.model_copy(update={"grafana": prod.grafana.model_copy(update=saml)})
    monkeypatch.setattr("infra.stack.load", lambda _: changed)
    recording = run(MAIN["observability"], "prod", upstream("observability", "prod"))
    (grafana,) = recording.of("grafana/workspace:Workspace").values()
    assert grafana["authenticationProviders"] == ["SAML"]
    (asked,) = recording.of("grafana/workspaceSamlConfiguration:WorkspaceSamlConfiguration").values()
    assert (asked["idpMetadataUrl"], asked["roleAssertion"]) == ("https://idp.example.com/metadata", "groups")
    assert asked["adminRoleValues"] == ["sre"]
    assert recording.of("grafana/roleAssociation:RoleAssociation") == {}


def test_a_queue_that_is_added_is_deployed_scaled_heard_and_shown_without_another_edit(monkeypatch):
    monkeypatch.setattr(queues, "NAMES", (*queues.NAMES, "letters"))
    app = run(MAIN["app"], "prod", upstream("app", "prod"))
    watched = run(MAIN["observability"], "prod", upstream("observability", "prod"))
    service = app.of("ecs/service:Service")["worker-letters"]
    assert (service["name"], service["desiredCount"]) == ("matins-prod-worker-letters", 2)
    assert "letters" in app.of("ecs/taskDefinition:TaskDefinition")["worker-letters"]["containerDefinitions"]
    policy = app.of("appautoscaling/policy:Policy")["worker-letters"]["targetTrackingScalingPolicyConfiguration"]
    assert policy["customizedMetricSpecification"]["dimensions"][1] == {"name": "Queue", "value": "letters"}
    assert "worker-letters-running" in app.of(ALARM)
    assert watched.of(ALARM)["backlog-letters"]["dimensions"]["Queue"] == "letters"
    reading = QueueReading(queue="letters", messages=3, unacked=1, oldest_s=9.0)
    shown = {sample.name for metric in families.of_queues([reading]) for sample in metric.samples if sample.labels}
    assert shown == {"matins_queue_messages", "matins_queue_unacked", "matins_queue_oldest_seconds"}
    assert shown <= set(re.findall(r"matins_queue_\w+", str(by_queue())))


def by_queue():
    """Return what the dashboards ask by queue; none of it may name one."""
    asked = [question.expr for dashboard in all_dashboards() for question in questions(dashboard)]
    known = re.compile(rf'"[^"]*\b({"|".join(queues.NAMES)})\b')
    assert [expr for expr in asked if known.search(expr)] == []
    return [expr for expr in asked if "by (queue)" in expr]
