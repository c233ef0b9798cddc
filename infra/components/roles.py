"""What each kind of service may do in AWS: start, and then as little as it needs."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.render import policies
from infra.render.services import secrets
from infra.settings import Environment

#: Where the monitor puts what services are scaled by.
METRICS_NAMESPACE = "Matins"
SHELL = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
FILES = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")


class ServiceRoles(Component):
    """Two roles of one kind of service, and its log.

    Args:
        name: the kind.
        environment: names them.
        repository_arns: of the images it is started from.
        secret_arns: of every secret, by variable; the kind gets its own only.
        master_secret_arn: of the database's master, for the kind that makes the app's roles.
        data_key_arn: encrypts the secrets and the files.
        log_key_arn: encrypts the log.
        files_bucket: where documents and payment files lie.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        repository_arns: Sequence[pulumi.Input[str]],
        secret_arns: pulumi.Output[dict[str, str]],
        master_secret_arn: pulumi.Input[str],
        data_key_arn: pulumi.Input[str],
        log_key_arn: pulumi.Input[str],
        files_bucket: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._environment = environment
        self.log = aws.cloudwatch.LogGroup(
            name,
            name=f"/matins/{environment.name}/{name}",
            retention_in_days=environment.log_days,
            kms_key_id=log_key_arn,
            opts=self.child(),
        )
        own = [secret_arns[variable] for variable in secrets(name)]
        readable = [*own, master_secret_arn] if name == "migrate" else own
        self.execution = self._role("start", _start(repository_arns, self.log.arn, readable, data_key_arn))
        self.task = self._role("task", self._work(files_bucket, data_key_arn))
        self.register_outputs({})

    def _role(self, purpose: str, statements: Sequence[policies.Statement]) -> pulumi.Output[str]:
        label = f"{self.name}-{purpose}"
        return role_of_tasks(label, environment=self._environment, statements=statements, opts=self.child())

    def _work(self, files_bucket: pulumi.Input[str], data_key_arn: pulumi.Input[str]) -> list[policies.Statement]:
        bucket = pulumi.Output.concat("arn:aws:s3:::", files_bucket)
        statements = []
        if self.name in ("web", "worker"):
            statements += [
                policies.allow(*FILES, on=[pulumi.Output.concat(bucket, "/*")]),
                policies.allow("s3:ListBucket", on=[bucket]),
                policies.allow("kms:Decrypt", "kms:GenerateDataKey", on=[data_key_arn]),
            ]
        if self.name == "monitor":
            only = {"StringEquals": {"cloudwatch:namespace": METRICS_NAMESPACE}}
            statements += [
                policies.allow("cloudwatch:PutMetricData", on=["*"], when=only),
                policies.allow("ecs:DescribeServices", on=[self._workers()]),
            ]
        if not self._environment.production:
            statements.append(policies.allow(*(f"ssmmessages:{action}" for action in SHELL), on=["*"]))
        return statements

    def _workers(self) -> str:
        """Return the ARN of every worker service, before there are any."""
        environment = self._environment
        services = f"arn:aws:ecs:{environment.region}:{environment.account_id}:service"
        return f"{services}/matins-{environment.name}/{environment.named('worker-')}*"


def role_of_tasks(
    label: str, *, environment: Environment, statements: Sequence[policies.Statement], opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """Make a role for ECS' tasks; return its ARN, which is known once its rights exist: a task uses them at once.

    Args:
        label: names it in the program, and behind the environment in AWS.
        environment: in whose account tasks may take it.
        statements: what it may do; nothing where there are none.
        opts: of both resources.
    """
    tasks = policies.assume("ecs-tasks.amazonaws.com", environment.account_id)
    role = aws.iam.Role(label, name=environment.named(label), assume_role_policy=policies.document(tasks), opts=opts)
    if not statements:
        return role.arn
    rights = aws.iam.RolePolicy(label, role=role.id, policy=policies.document(*statements), opts=opts)
    return pulumi.Output.all(role.arn, rights.id).apply(lambda known: str(known[0]))


def _start(
    repository_arns: Sequence[pulumi.Input[str]],
    log_arn: pulumi.Input[str],
    secret_arns: Sequence[pulumi.Input[str]],
    key_arn: pulumi.Input[str],
) -> list[policies.Statement]:
    return [
        *policies.start(repository_arns, log_arn),
        policies.allow("secretsmanager:GetSecretValue", on=secret_arns),
        policies.allow("kms:Decrypt", on=[key_arn]),
    ]
