"""Postgres: encrypted, over TLS only, backed up to the second, and hard to delete."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.topics import alarm
from infra.render.urls import DATABASE
from infra.settings import Environment
from infra.settings.connections import SHARE
from infra.settings.sizes import GIB, max_connections

MASTER = "matins_master"
HOUR_MS = 3_600_000


def parameters(environment: Environment) -> dict[str, str]:
    """Return the server's parameters that differ from RDS' own."""
    return {
        "rds.force_ssl": "1",
        "max_connections": str(max_connections(environment.database.instance_class)),
        # A transaction over many tenants locks tenants x tables.
        "max_locks_per_transaction": "512",
        "jit": "0",  # The night's statements are many and short; compiling them costs more than it saves.
        "log_min_duration_statement": "1000",
        "log_lock_waits": "1",
        "idle_in_transaction_session_timeout": str(HOUR_MS),
        "timezone": "UTC",
    }


class Database(Component):
    """One instance, with a standby in another zone where the settings say so.

    Args:
        name: logical, and behind `matins-<environment>-` the identifier.
        environment: says how large, how safe and for how long.
        subnet_ids: isolated ones.
        security_group_id: that the services' groups may call.
        key_arn: encrypts the disk, the backups, the insights and the master's secret.
        topic_arn: who is told of what Prometheus cannot see.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        security_group_id: pulumi.Input[str],
        key_arn: pulumi.Input[str],
        topic_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._environment = environment
        subnets = aws.rds.SubnetGroup(name, name=environment.named(name), subnet_ids=subnet_ids, opts=self.child())
        self.instance = self._instance(subnets, self._parameters(), security_group_id, key_arn)
        self._alarms(topic_arn)
        self.endpoint = pulumi.Output.concat(self.instance.address, ":", self.instance.port.apply(str))
        self.master_secret_arn = self.instance.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))
        self.register_outputs({"endpoint": self.endpoint})

    def _parameters(self) -> aws.rds.ParameterGroup:
        version = self._environment.database.version
        at_restart = {"max_connections", "max_locks_per_transaction"}
        return aws.rds.ParameterGroup(
            self.name,
            name=self._environment.named(f"postgres{version}"),
            family=f"postgres{version}",
            parameters=[
                {"name": name, "value": value, "apply_method": "pending-reboot" if name in at_restart else "immediate"}
                for name, value in parameters(self._environment).items()
            ],
            opts=self.child(),
        )

    def _instance(
        self,
        subnets: aws.rds.SubnetGroup,
        group: aws.rds.ParameterGroup,
        security_group_id: pulumi.Input[str],
        key_arn: pulumi.Input[str],
    ) -> aws.rds.Instance:
        environment, database = self._environment, self._environment.database
        return aws.rds.Instance(
            self.name,
            identifier=environment.named(self.name),
            engine="postgres",
            engine_version=str(database.version),
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            instance_class=database.instance_class,
            storage_type="gp3",
            allocated_storage=database.storage_gib,
            max_allocated_storage=database.storage_gib_max,
            storage_encrypted=True,
            kms_key_id=key_arn,
            db_name=DATABASE,
            username=MASTER,
            # RDS keeps and turns the master's password; only the task that makes the app's own roles is given it.
            manage_master_user_password=True,
            master_user_secret_kms_key_id=key_arn,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[security_group_id],
            publicly_accessible=False,
            multi_az=database.standby,
            parameter_group_name=group.name,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            backup_retention_period=database.backup_days,
            backup_window="09:30-10:30",  # After the night's last schedule.
            maintenance_window="sun:11:00-sun:12:00",
            copy_tags_to_snapshot=True,
            delete_automated_backups=not database.protected,
            deletion_protection=database.protected,
            skip_final_snapshot=not database.protected,
            final_snapshot_identifier=environment.named("final") if database.protected else None,
            auto_minor_version_upgrade=True,
            allow_major_version_upgrade=False,
            # In production what needs a restart waits for the window; elsewhere nobody waits.
            apply_immediately=not environment.production,
            enabled_cloudwatch_logs_exports=["postgresql", "upgrade"],
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=key_arn,
            opts=self.child(keep=database.protected),
        )

    def _alarms(self, topic_arn: pulumi.Input[str]) -> None:
        database = self._environment.database
        offered = max_connections(database.instance_class)
        self._alarm("cpu", "Postgres has no CPU left: look for the longest statement.", "CPUUtilization", topic_arn, 90)
        text = "Postgres' connections run out: look for a service that scaled beyond its budget."
        self._alarm("connections", text, "DatabaseConnections", topic_arn, SHARE * offered)
        text = "Postgres' disk fills faster than it grows: raise database.storage_gib_max."
        self._alarm("storage", text, "FreeStorageSpace", topic_arn, below=database.storage_gib * GIB * 0.1)

    def _alarm(
        self,
        name: str,
        text: str,
        metric: str,
        topic_arn: pulumi.Input[str],
        above: float | None = None,
        *,
        below: float | None = None,
    ) -> None:
        dimensions: Mapping[str, pulumi.Input[str]] = {"DBInstanceIdentifier": self.instance.identifier}
        alarm(
            f"{self.name}-{name}",
            environment=self._environment,
            text=text,
            namespace="AWS/RDS",
            metric=metric,
            above=above,
            below=below,
            minutes=10,
            dimensions=dimensions,
            topic_arn=topic_arn,
            opts=self.child(),
        )
