"""Postgres, the Redis DBs, files and secrets: safe by their settings, and opened by nobody by accident."""

import json

import pytest

from infra.render.urls import ACCESS
from tests.infra.recording import ENVIRONMENTS, MARK, ROOT, record, run

INSTANCE, GROUP = "rds/instance:Instance", "elasticache/replicationGroup:ReplicationGroup"


def database(environment):
    return record("data", environment).of(INSTANCE)["database"]


def broker(environment):
    return record("data", environment).of(GROUP)["broker"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_database_is_private_encrypted_and_backed_up(environment):
    it = database(environment)
    assert (it["storageEncrypted"], it["publiclyAccessible"], it["manageMasterUserPassword"]) == (True, False, True)
    assert it["backupRetentionPeriod"] >= 14
    assert it["engineLifecycleSupport"] == "open-source-rds-extended-support-disabled"
    assert "password" not in it


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_database_speaks_tls_only_and_takes_the_connections_that_were_budgeted(environment):
    (group,) = record("data", environment).of("rds/parameterGroup:ParameterGroup").values()
    parameters = {one["name"]: one["value"] for one in group["parameters"]}
    assert parameters["rds.force_ssl"] == "1"
    assert parameters["max_connections"] == {"dev": "450", "staging": "901", "prod": "3604"}[environment]
    assert group["family"] == "postgres17"


def test_production_survives_a_zone_and_a_mistake():
    recording = record("data", "prod")
    it, group = database("prod"), broker("prod")
    assert (it["multiAz"], it["deletionProtection"], it["skipFinalSnapshot"]) == (True, True, False)
    assert (it["finalSnapshotIdentifier"], it["deleteAutomatedBackups"]) == ("matins-prod-final", False)
    assert it["applyImmediately"] is False
    assert (group["multiAzEnabled"], group["automaticFailoverEnabled"], group["numCacheClusters"]) == (True, True, 3)
    kept = [one.label for one in recording.resources if one.request.protect]
    assert sorted(kept) == [
        "aws:elasticache/replicationGroup:ReplicationGroup broker",
        "aws:kms/key:Key data",
        "aws:rds/instance:Instance database",
        "aws:s3/bucket:Bucket files",
    ]


def test_dev_goes_without_asking():
    assert [one.label for one in record("data", "dev").resources if one.request.protect] == []
    assert (database("dev")["deletionProtection"], database("dev")["skipFinalSnapshot"]) == (False, True)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_broker_has_numbered_databases_and_drops_nothing(environment):
    recording, it = record("data", environment), broker(environment)
    (parameters,) = recording.of("elasticache/parameterGroup:ParameterGroup").values()
    assert {"name": "maxmemory-policy", "value": "noeviction"} in parameters["parameters"]
    assert (it["engine"], it["clusterMode"]) == ("valkey", "disabled")
    assert (it["transitEncryptionEnabled"], it["transitEncryptionMode"]) == (True, "required")
    assert it["atRestEncryptionEnabled"] is True
    assert it["snapshotRetentionLimit"] >= 5


def test_messages_and_results_have_a_user_a_database_and_a_secret_each():
    recording = record("data", "prod")
    users = recording.of("elasticache/user:User")
    assert {user["userName"]: user["authenticationMode"]["passwords"] for user in users.values()} == {
        "matins-broker": [f"{MARK}-broker"],
        "matins-results": [f"{MARK}-result"],
    }
    values = {name: one["secretString"] for name, one in secrets(recording).items()}
    host = "broker-primaryEndpointAddress:6379"
    assert values["redis-url"] == f"rediss://matins-broker:{MARK}-broker@{host}/1?ssl_cert_reqs=required"
    assert values["redis-result-url"] == f"rediss://matins-results:{MARK}-result@{host}/2?ssl_cert_reqs=required"


def secrets(recording):
    return recording.of("secretsmanager/secretVersion:SecretVersion")


def test_a_password_may_have_any_character_and_the_server_must_prove_who_it_is():
    url = secrets(record("data", "prod"))["database-url"]["secretString"]
    assert url == (
        f"postgresql://matins_app:{MARK}-app%2F%3F%40@database-address:5432/matins"
        "?sslmode=verify-full&sslrootcert=/srv/matins/rds-ca.pem"
    )


def test_the_same_configuration_gives_the_same_passwords_again():
    first = secrets(record("data", "prod"))
    upstream = {f"matins-{stack}": record(stack, "prod").outputs for stack in ("bootstrap", "network")}
    assert secrets(run(ROOT / "infra" / "stacks" / "data" / "__main__.py", "prod", upstream)) == first


def test_a_missing_password_is_named_with_the_command_that_sets_it():
    upstream = {"matins-bootstrap": {}, "matins-network": {}}
    with pytest.raises(Exception, match=r"pulumi config set --secret matins-data:ownerPassword"):
        run(ROOT / "infra" / "stacks" / "data" / "__main__.py", "dev", upstream, preview=True, config={})


def test_a_missing_stack_is_named_with_the_command_that_makes_it():
    upstream = {"matins-bootstrap": record("bootstrap", "dev").outputs, "matins-network": {}}
    with pytest.raises(Exception, match=r"run `pulumi -C infra/stacks/network up --stack dev` first"):
        run(ROOT / "infra" / "stacks" / "data" / "__main__.py", "dev", upstream)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_node_of_the_broker_is_watched(environment):
    alarms = record("data", environment).of("cloudwatch/metricAlarm:MetricAlarm")
    watched = {json.dumps(alarm["dimensions"]) for name, alarm in alarms.items() if name.endswith("-evictions")}
    assert len(watched) == broker(environment)["numCacheClusters"]
    assert {tuple(alarm["alarmActions"]) for alarm in alarms.values()} == {
        (record("bootstrap", environment).outputs["topic_arn"],)
    }


def test_nobody_may_empty_or_reconfigure_the_broker():
    assert set(ACCESS) == {"matins-broker", "matins-results"}
    assert all(" +@all -@admin -@dangerous" in access for access in ACCESS.values())
