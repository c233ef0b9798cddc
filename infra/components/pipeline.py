"""The role that the CI takes to deploy: for jobs of one GitHub environment, without a stored key."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.buckets import PrivateBucket
from infra.components.keys import Key
from infra.render import policies
from infra.settings import Environment

ISSUER = "token.actions.githubusercontent.com"
HOUR_S = 3600
CHANGE_ROLE = ("iam:Update*Role*", "iam:Put*", "iam:Attach*", "iam:Detach*", "iam:Delete*")


class PipelineRole(Component):
    """May deploy every stack but this one: neither its own role nor the bucket of the state are its to change.

    Args:
        name: logical, and part of the role's name.
        environment: names the repository and its GitHub environment.
        state: the bucket it reads and writes state in.
        key: of the state and of the secrets in it.
    """

    def __init__(
        self, name: str, *, environment: Environment, state: PrivateBucket, key: Key, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(name, opts)
        issuer = aws.iam.OpenIdConnectProvider(
            name, url=f"https://{ISSUER}", client_id_lists=["sts.amazonaws.com"], opts=self.child()
        )
        role = aws.iam.Role(
            name,
            name=environment.named(name),
            description="Taken by the CI to deploy.",
            assume_role_policy=policies.document(_taken_by(environment, issuer.arn)),
            max_session_duration=HOUR_S,
            opts=self.child(),
        )
        aws.iam.RolePolicyAttachment(
            name, role=role.name, policy_arn="arn:aws:iam::aws:policy/PowerUserAccess", opts=self.child()
        )
        aws.iam.RolePolicy(
            name, role=role.id, policy=policies.document(*_rights(environment, state, key)), opts=self.child()
        )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def _taken_by(environment: Environment, issuer_arn: pulumi.Input[str]) -> policies.Statement:
    pipeline = environment.pipeline
    return {
        "Effect": "Allow",
        "Principal": {"Federated": issuer_arn},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {
            "StringEquals": {
                f"{ISSUER}:aud": "sts.amazonaws.com",
                f"{ISSUER}:sub": f"repo:{pipeline.repository}:environment:{pipeline.environment}",
            }
        },
    }


def _rights(environment: Environment, state: PrivateBucket, key: Key) -> list[policies.Statement]:
    """PowerUserAccess lacks IAM; the roles of this environment are added, and what guards the state is taken away."""
    account, own = environment.account_id, environment.named("pipeline")
    roles = f"arn:aws:iam::{account}:role/{environment.named('*')}"
    return [
        policies.allow("iam:*Role*", on=[roles]),
        policies.allow("iam:CreateServiceLinkedRole", on=[f"arn:aws:iam::{account}:role/aws-service-role/*"]),
        policies.refuse(*CHANGE_ROLE, on=[f"arn:aws:iam::{account}:role/{own}"]),
        policies.refuse("s3:Delete*", "s3:Put*", on=[state.bucket.arn]),
        policies.refuse("s3:DeleteObjectVersion", on=[pulumi.Output.concat(state.bucket.arn, "/*")]),
        policies.refuse("kms:ScheduleKeyDeletion", "kms:DisableKey*", "kms:PutKeyPolicy", on=[key.arn]),
        policies.refuse("cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", on=["*"]),
    ]
