"""IAM policy documents, built from statements that name their actions and resources."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

Statement = Mapping[str, Any]
Condition = Mapping[str, Mapping[str, Any]]


def allow(*actions: str, on: Sequence[pulumi.Input[str]], when: Condition | None = None) -> Statement:
    """Return a statement for the role it hangs on."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(on), **_when(when)}


def refuse(*actions: str, on: Sequence[pulumi.Input[str]]) -> Statement:
    """Return a statement that no other can overrule."""
    return {**allow(*actions, on=on), "Effect": "Deny"}


def allow_service(
    service: str, *actions: str, on: Sequence[pulumi.Input[str]] = ("*",), when: Condition | None = None
) -> Statement:
    """Return a statement of a resource's own policy, for a service of AWS."""
    return {"Principal": {"Service": service}, **allow(*actions, on=on, when=when)}


def assume(service: str, account_id: str) -> Statement:
    """Return who may take a role: a service of AWS, on behalf of this account's resources only."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": ["sts:AssumeRole"],
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }


def administer(account_id: str) -> Statement:
    """Return the statement without which a KMS key would be beyond the account's own reach."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": ["kms:*"],
        "Resource": ["*"],
    }


def refuse_plain_http(bucket_arn: pulumi.Input[str]) -> Statement:
    """Return the statement that makes a bucket answer over TLS only."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def start(repository_arns: Sequence[pulumi.Input[str]], log_arn: pulumi.Input[str]) -> list[Statement]:
    """Return what ECS needs to start a task: its image and its log."""
    pull = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
    return [
        allow("ecr:GetAuthorizationToken", on=["*"]),  # It belongs to no repository.
        allow(*pull, on=repository_arns),
        allow("logs:CreateLogStream", "logs:PutLogEvents", on=[pulumi.Output.concat(log_arn, ":*")]),
    ]


def document(*statements: Statement) -> pulumi.Output[str]:
    """Return the JSON text of a policy."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _when(condition: Condition | None) -> Mapping[str, Any]:
    return {"Condition": condition} if condition else {}
