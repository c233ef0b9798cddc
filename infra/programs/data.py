"""Data: everything that cannot be made again, and the secrets that open it."""

import pulumi

from infra import outputs, stack
from infra.components.broker import Broker
from infra.components.buckets import PrivateBucket
from infra.components.database import Database
from infra.components.keys import Key
from infra.components.secrets import AppSecrets
from infra.render import urls

#: Keys of the stack's configuration, which `pulumi config set --secret` sets once and nothing else changes.
PASSWORDS = {
    urls.OWNER: "ownerPassword",
    urls.APP: "appPassword",
    urls.BROKER_USER: "brokerPassword",
    urls.RESULT_USER: "resultPassword",
}


def program() -> None:
    """Make the database, the Redis DBs and the bucket of files, and keep their URLs as secrets."""
    here = stack.begin()
    environment, config = here.settings, pulumi.Config()
    passwords = {user: config.require_secret(key) for user, key in PASSWORDS.items()}
    told, network = outputs.read(outputs.BootstrapOutputs), outputs.read(outputs.NetworkOutputs)
    users = (f"logs.{environment.region}.amazonaws.com", "rds.amazonaws.com", "elasticache.amazonaws.com")
    key = Key("data", environment=environment, services=users, opts=here.opts)
    database = Database(
        "database",
        environment=environment,
        subnet_ids=network.isolated_subnet_ids,
        security_group_id=network.security_group_ids["database"],
        key_arn=key.arn,
        topic_arn=told.topic_arn,
        opts=here.opts,
    )
    broker = Broker(
        "broker",
        environment=environment,
        passwords={user: passwords[user] for user in urls.ACCESS},
        subnet_ids=network.isolated_subnet_ids,
        security_group_id=network.security_group_ids["broker"],
        key_arn=key.arn,
        topic_arn=told.topic_arn,
        opts=here.opts,
    )
    files = PrivateBucket(
        "files",
        environment=environment,
        key_arn=key.arn,
        old_versions_days=environment.log_days,
        keep=environment.production,
        opts=here.opts,
    )
    secrets = AppSecrets(
        "secrets",
        environment=environment,
        key_arn=key.arn,
        values={
            "DATABASE_URL": urls.database_url(urls.APP, passwords[urls.APP], database.endpoint),
            "DATABASE_OWNER_URL": urls.database_url(urls.OWNER, passwords[urls.OWNER], database.endpoint),
            "REDIS_URL": _valkey(broker, passwords, urls.BROKER_USER, urls.BROKER_DB),
            "REDIS_RESULT_URL": _valkey(broker, passwords, urls.RESULT_USER, urls.RESULT_DB),
            "SECRET_KEY": config.require_secret("secretKey"),
            "MATINS_IDENTITY_KEYS": config.require_secret("identityKeys"),
        },
        opts=here.opts,
    )
    outputs.publish(
        outputs.DataOutputs(
            database_id=database.instance.identifier,
            broker_id=broker.group.replication_group_id,
            secret_arns=pulumi.Output.all(**secrets.arns),
            secret_versions=pulumi.Output.all(**secrets.versions),
            master_secret_arn=database.master_secret_arn,
            key_arn=key.arn,
            files_bucket=files.bucket.bucket,
        )
    )


def _valkey(broker: Broker, passwords: dict[str, pulumi.Output[str]], user: str, database: int) -> pulumi.Output[str]:
    return urls.valkey_url(user, passwords[user], broker.host, database)
