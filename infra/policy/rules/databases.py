"""Postgres and the Redis DBs: nothing is lost, nobody else reads it."""

from infra.policy.rule import ADVISORY, Faults, Resource, rule

INSTANCE, CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
DATABASE_PARAMETERS = ("aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup")
BROKER, SERVERLESS = (
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:elasticache/serverlessCache:ServerlessCache",
)
#: The inputs that say where a server stands and who may call it.
PLACES = {INSTANCE: ("dbSubnetGroupName", "vpcSecurityGroupIds"), BROKER: ("subnetGroupName", "securityGroupIds")}
BACKUP_DAYS, SNAPSHOT_DAYS = 14, 5


def _parameters(it: Resource) -> dict[str, str]:
    return {one["name"]: one["value"] for one in it.get("parameters", [])}


@rule(INSTANCE, CLUSTER)
def a_database_is_backed_up(it: Resource) -> Faults:
    """Every second of the last two weeks can be restored."""
    days = it.get("backupRetentionPeriod", 1)
    if days < BACKUP_DAYS:
        yield f"backup_retention_period is {days:g}: let `backup_days` of [database] be {BACKUP_DAYS} or more."


@rule(INSTANCE)
def a_database_survives_a_zone(it: Resource) -> Faults:
    """Production's database has a standby in another zone."""
    if it.production and it.get("multiAz") is not True:
        yield "multi_az is off: let `standby` of [database] be true."


@rule(INSTANCE, CLUSTER)
def a_database_is_hard_to_delete(it: Resource) -> Faults:
    """Production's database is deleted by nobody in one step, and what is deleted can be had back."""
    wanted = {"deletionProtection": True, "skipFinalSnapshot": False, "deleteAutomatedBackups": False}
    for name, value in wanted.items():
        if it.production and it.get(name) is not value:
            yield f"{name} is not {value}: let `protected` of [database] be true."


@rule(INSTANCE)
def a_database_has_no_public_address(it: Resource) -> Faults:
    """No database has an address that the internet knows."""
    if it.get("publiclyAccessible") is not False:
        yield "Set publicly_accessible=False."


@rule(*PLACES)
def a_server_stands_where_nobody_passes(it: Resource) -> Faults:
    """Postgres and the broker are in the isolated subnets, and their security groups say who comes in."""
    for name in PLACES[it.type]:
        if not it.has(name):
            yield f"{name} is not set, so AWS takes the default network: give it the isolated subnets and its group."


@rule(*DATABASE_PARAMETERS)
def a_database_speaks_tls_only(it: Resource) -> Faults:
    """Postgres refuses connections in the clear."""
    if _parameters(it).get("rds.force_ssl") != "1":
        yield "Set the parameter rds.force_ssl to 1."


@rule(INSTANCE, CLUSTER)
def the_masters_password_is_kept_by_rds(it: Resource) -> Faults:
    """The password of the database's master is in no program, no state and no plan."""
    if it.has("password") or it.get("manageMasterUserPassword") is not True:
        yield "Set manage_master_user_password=True and no password; the app has a role of its own."


@rule(INSTANCE, CLUSTER, level=ADVISORY)
def an_old_database_is_upgraded_not_paid_for(it: Resource) -> Faults:
    """A major version past its end is upgraded; AWS would go on with it at a multiple of the price."""
    if it.get("engineLifecycleSupport") != "open-source-rds-extended-support-disabled":
        yield "Set engine_lifecycle_support to open-source-rds-extended-support-disabled."


@rule(BROKER)
def the_broker_survives_a_zone(it: Resource) -> Faults:
    """Production's broker has a replica in another zone that takes over."""
    several = it.get("numCacheClusters", 1) > 1
    if it.production and not (several and it.get("automaticFailoverEnabled") and it.get("multiAzEnabled")):
        yield "It has no replica that takes over: let `nodes` of [broker] be 2 or more."


@rule(BROKER, SERVERLESS)
def the_broker_has_numbered_databases(it: Resource) -> Faults:
    """Messages are in DB 1 and results in DB 2, so cluster mode, which has DB 0 only, is off."""
    if it.get("clusterMode") != "disabled" or it.has("numNodeGroups"):
        yield 'Take a replication group with cluster_mode="disabled" and num_cache_clusters; nothing serverless.'


@rule("aws:elasticache/parameterGroup:ParameterGroup")
def the_broker_drops_nothing(it: Resource) -> Faults:
    """A full broker refuses messages; with any other policy it deletes some."""
    if _parameters(it).get("maxmemory-policy") != "noeviction":
        yield "Set the parameter maxmemory-policy to noeviction."


@rule(INSTANCE, BROKER)
def a_server_uses_our_parameters(it: Resource) -> Faults:
    """AWS' own parameter groups cannot be changed: they let the broker delete messages and Postgres wait for ever."""
    if not it.has("parameterGroupName") or str(it.known("parameterGroupName")).startswith("default."):
        yield "Set parameter_group_name to the group of its component."


@rule(BROKER)
def the_broker_knows_who_asks(it: Resource) -> Faults:
    """The broker speaks TLS only, and to users with a password."""
    if it.get("transitEncryptionEnabled") is not True or it.get("transitEncryptionMode") != "required":
        yield 'Set transit_encryption_enabled=True and transit_encryption_mode="required".'
    if not (it.has("userGroupIds") or it.has("authToken")):
        yield "Set user_group_ids: without users everybody in the network is the broker's administrator."


@rule(BROKER)
def the_broker_is_backed_up(it: Resource) -> Faults:
    """The broker's snapshots reach back over a long weekend."""
    days = it.get("snapshotRetentionLimit", 0)
    if days < SNAPSHOT_DAYS:
        yield f"snapshot_retention_limit is {days:g}: let `snapshot_days` of [broker] be {SNAPSHOT_DAYS} or more."
