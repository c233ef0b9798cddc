"""The Redis DBs: one Valkey primary with replicas, which refuses messages rather than lose them."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.topics import alarm
from infra.render.urls import ACCESS
from infra.settings import Environment

PARAMETERS = {
    "maxmemory-policy": "noeviction",  # A full broker refuses messages; any other policy drops some.
    "reserved-memory-percent": "25",
    "timeout": "0",
    "tcp-keepalive": "60",
}


class Broker(Component):
    """A replication group without cluster mode, because DB 1 and DB 2 are numbered databases.

    Args:
        name: logical, and behind `matins-<environment>-` the group's id.
        environment: says how large and how safe.
        passwords: of each user in `ACCESS`; secrets.
        subnet_ids: isolated ones.
        security_group_id: that the services' groups may call.
        key_arn: encrypts memory on its way to disk, snapshots and logs.
        topic_arn: who is told when it fails over or fills up.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        passwords: dict[str, pulumi.Output[str]],
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        security_group_id: pulumi.Input[str],
        key_arn: pulumi.Input[str],
        topic_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._environment, self._key_arn, self._topic_arn = environment, key_arn, topic_arn
        subnets = aws.elasticache.SubnetGroup(
            name, name=environment.named(name), subnet_ids=subnet_ids, opts=self.child()
        )
        self.group = self._group(subnets, self._users(passwords), security_group_id)
        self._alarms()
        self.host = self.group.primary_endpoint_address
        self.register_outputs({"host": self.host})

    def _users(self, passwords: dict[str, pulumi.Output[str]]) -> aws.elasticache.UserGroup:
        users = [
            aws.elasticache.User(
                user,
                user_id=f"{user}-{self._environment.name}",
                user_name=user,
                engine="valkey",
                access_string=access,
                authentication_mode={"type": "password", "passwords": [passwords[user]]},
                opts=self.child(),
            )
            for user, access in ACCESS.items()
        ]
        return aws.elasticache.UserGroup(
            self.name,
            user_group_id=self._environment.named(self.name),
            engine="valkey",
            user_ids=[user.user_id for user in users],
            opts=self.child(),
        )

    def _group(
        self,
        subnets: aws.elasticache.SubnetGroup,
        users: aws.elasticache.UserGroup,
        security_group_id: pulumi.Input[str],
    ) -> aws.elasticache.ReplicationGroup:
        environment, broker = self._environment, self._environment.broker
        several = broker.nodes > 1
        return aws.elasticache.ReplicationGroup(
            self.name,
            replication_group_id=environment.named(self.name),
            description=f"Matins {environment.name}: messages in DB 1, results in DB 2",
            engine="valkey",
            engine_version=broker.version,
            node_type=broker.node_type,
            num_cache_clusters=broker.nodes,
            automatic_failover_enabled=several,
            multi_az_enabled=several,
            cluster_mode="disabled",
            port=6379,
            parameter_group_name=self._parameters().name,
            subnet_group_name=subnets.name,
            security_group_ids=[security_group_id],
            user_group_ids=[users.user_group_id],
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            at_rest_encryption_enabled=True,
            kms_key_id=self._key_arn,
            snapshot_retention_limit=broker.snapshot_days,
            snapshot_window="09:30-10:30",
            maintenance_window="sun:11:00-sun:12:00",
            final_snapshot_identifier=environment.named("broker-final") if broker.protected else None,
            auto_minor_version_upgrade=True,
            apply_immediately=not environment.production,
            notification_topic_arn=self._topic_arn,
            log_delivery_configurations=[self._log("slow-log"), self._log("engine-log")],
            opts=self.child(keep=broker.protected),
        )

    def _parameters(self) -> aws.elasticache.ParameterGroup:
        family = f"valkey{self._environment.broker.version.partition('.')[0]}"
        return aws.elasticache.ParameterGroup(
            self.name,
            name=self._environment.named(family),
            family=family,
            parameters=[{"name": name, "value": value} for name, value in PARAMETERS.items()],
            opts=self.child(),
        )

    def _log(self, kind: str) -> aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgsDict:
        group = aws.cloudwatch.LogGroup(
            f"{self.name}-{kind}",
            name=f"/matins/{self._environment.name}/{self.name}/{kind}",
            retention_in_days=self._environment.log_days,
            kms_key_id=self._key_arn,
            opts=self.child(),
        )
        return {
            "destination": group.name,
            "destination_type": "cloudwatch-logs",
            "log_format": "json",
            "log_type": kind,
        }

    def _alarms(self) -> None:
        """Tell before publishing fails, of every node: after a failover any of them is the primary."""
        for number in range(1, self._environment.broker.nodes + 1):
            text = "The broker fills up and will refuse messages: are workers running? Then take a larger node_type."
            self._alarm(number, "memory", text, "DatabaseMemoryUsagePercentage", 75)
            text = "The broker's one thread is busy: take a faster node_type."
            self._alarm(number, "cpu", text, "EngineCPUUtilization", 70)
            text = "The broker dropped keys: maxmemory-policy is no longer noeviction."
            self._alarm(number, "evictions", text, "Evictions", 0)
            text = "A replica is behind: a failover now would lose messages, which the ledger sends again."
            self._alarm(number, "lag", text, "ReplicationLag", 10)

    def _alarm(self, number: int, name: str, text: str, metric: str, above: float) -> None:
        node = pulumi.Output.concat(self.group.replication_group_id, f"-{number:03}")
        alarm(
            f"{self.name}-{number}-{name}",
            environment=self._environment,
            text=text,
            namespace="AWS/ElastiCache",
            metric=metric,
            above=above,
            dimensions={"CacheClusterId": node},
            topic_arn=self._topic_arn,
            opts=self.child(),
        )
