"""Postgres and the Redis DBs as they must not be."""

from tests.infra.breaks.change import broken, parameter, to

DATABASE = ("data", "rds/instance:Instance", "database")
BROKER = ("data", "elasticache/replicationGroup:ReplicationGroup", "broker")
PLACES = {DATABASE: ("dbSubnetGroupName", "vpcSecurityGroupIds"), BROKER: ("subnetGroupName", "securityGroupIds")}
DEFAULT_NETWORK = "is not set, so AWS takes the default network: give it the isolated subnets and its group."
BREAKS = [
    broken(
        "a-database-is-backed-up",
        DATABASE,
        "backup_retention_period is 7: let `backup_days` of [database] be 14 or more.",
        to(backupRetentionPeriod=7.0),
    ),
    broken(
        "a-database-is-backed-up",
        DATABASE,
        "backup_retention_period is 1: let `backup_days` of [database] be 14 or more.",
        to(backupRetentionPeriod=None),
    ),
    broken(
        "a-database-survives-a-zone",
        DATABASE,
        "multi_az is off: let `standby` of [database] be true.",
        to(multiAz=False),
    ),
    *(
        broken(
            "a-database-is-hard-to-delete",
            DATABASE,
            f"{name} is not {value}: let `protected` of [database] be true.",
            to(**{name: not value}),
            to(**{name: None}),
        )
        for name, value in {
            "deletionProtection": True,
            "skipFinalSnapshot": False,
            "deleteAutomatedBackups": False,
        }.items()
    ),
    broken(
        "a-database-has-no-public-address",
        DATABASE,
        "Set publicly_accessible=False.",
        to(publiclyAccessible=True),
        to(publiclyAccessible=None),
    ),
    *(
        broken("a-server-stands-where-nobody-passes", at, f"{name} {DEFAULT_NETWORK}", to(**{name: None}))
        for at, names in PLACES.items()
        for name in names
    ),
    broken(
        "a-database-speaks-tls-only",
        ("data", "rds/parameterGroup:ParameterGroup", "database"),
        "Set the parameter rds.force_ssl to 1.",
        parameter("rds.force_ssl", "0"),
        to(parameters=None),
    ),
    broken(
        "the-masters-password-is-kept-by-rds",
        DATABASE,
        "Set manage_master_user_password=True and no password; the app has a role of its own.",
        to(password="correct horse"),
        to(manageMasterUserPassword=None),
    ),
    broken(
        "an-old-database-is-upgraded-not-paid-for",
        DATABASE,
        "Set engine_lifecycle_support to open-source-rds-extended-support-disabled.",
        to(engineLifecycleSupport=None),
    ),
    broken(
        "the-broker-survives-a-zone",
        BROKER,
        "It has no replica that takes over: let `nodes` of [broker] be 2 or more.",
        to(numCacheClusters=1.0),
        to(automaticFailoverEnabled=False),
        to(multiAzEnabled=None),
    ),
    broken(
        "the-broker-has-numbered-databases",
        BROKER,
        'Take a replication group with cluster_mode="disabled" and num_cache_clusters; nothing serverless.',
        to(clusterMode="enabled"),
        to(clusterMode=None),
        to(numNodeGroups=2.0),
    ),
    broken(
        "the-broker-drops-nothing",
        ("data", "elasticache/parameterGroup:ParameterGroup", "broker"),
        "Set the parameter maxmemory-policy to noeviction.",
        parameter("maxmemory-policy", "allkeys-lru"),
        to(parameters=None),
    ),
    *(
        broken(
            "a-server-uses-our-parameters",
            at,
            "Set parameter_group_name to the group of its component.",
            to(parameterGroupName=None),
            to(parameterGroupName="default.valkey8"),
        )
        for at in (DATABASE, BROKER)
    ),
    broken(
        "the-broker-knows-who-asks",
        BROKER,
        'Set transit_encryption_enabled=True and transit_encryption_mode="required".',
        to(transitEncryptionEnabled=False),
        to(transitEncryptionMode="preferred"),
    ),
    broken(
        "the-broker-knows-who-asks",
        BROKER,
        "Set user_group_ids: without users everybody in the network is the broker's administrator.",
        to(userGroupIds=None),
    ),
    broken(
        "the-broker-is-backed-up",
        BROKER,
        "snapshot_retention_limit is 0: let `snapshot_days` of [broker] be 5 or more.",
        to(snapshotRetentionLimit=0.0),
        to(snapshotRetentionLimit=None),
    ),
]
