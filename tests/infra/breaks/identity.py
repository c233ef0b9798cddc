"""Providers and roles that nobody should deploy with."""

import json
from dataclasses import replace

from tests.infra.breaks.change import a, broken, to

PROVIDER = ("app", "pulumi:providers:aws", "aws")
ROLE, RIGHTS = ("platform", "iam/role:Role", "web-task"), ("platform", "iam/rolePolicy:RolePolicy", "web-task")
ATTACHMENT = ("bootstrap", "iam/rolePolicyAttachment:RolePolicyAttachment", "pipeline")


def made_up(it, everything):
    """Let Pulumi make the provider."""
    (own,) = [one for one in everything if one.type == "pulumi:providers:aws"]
    other = replace(own, name="default_7_51_1", urn=own.urn + "-default")
    everything.append(other)
    it.provider = other.urn


def none(it, _all):
    """Let it have no provider."""
    it.provider = ""


def tags(**given):
    def change(it, _all):
        it.inputs["defaultTags"] = json.dumps({"tags": json.loads(it.inputs["defaultTags"])["tags"] | given})

    return change


def may(**statement):
    return to(policy=json.dumps({"Statement": [{"Effect": "Allow", "Resource": "*"} | statement]}))


def taken(**statement):
    return to(assumeRolePolicy=json.dumps({"Statement": [{"Effect": "Allow"} | statement]}))


BREAKS = [
    broken(
        "a-provider-is-chosen",
        ("app", "ecs/service:Service", "web"),
        "Pass opts=here.opts or a parent that has it: Pulumi's own provider checks no account and sets no tags.",
        made_up,
        none,
    ),
    broken(
        "a-provider-knows-its-account",
        PROVIDER,
        "Set allowed_account_ids to the environment's account_id.",
        to(allowedAccountIds="[]"),
        to(allowedAccountIds=None),
    ),
    broken("everything-is-tagged", PROVIDER, "Add ManagedBy to the provider's default_tags.", tags(ManagedBy="")),
    broken(
        "everything-is-tagged",
        PROVIDER,
        "The tag Environment is not prod: take the provider of infra.stack.begin.",
        tags(Environment="dev"),
    ),
    broken(
        "a-role-has-one-list-of-rights",
        ROLE,
        "Take RolePolicy and RolePolicyAttachment, and nothing inside the role.",
        to(inlinePolicies=[{"name": "more"}]),
        to(managedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
        a("iam/policyAttachment:PolicyAttachment"),
    ),
    broken(
        "nobody-may-do-everything",
        RIGHTS,
        "Name the actions instead of a star.",
        may(Action="*"),
        may(Action=["s3:GetObject", "s3:*"]),
        may(NotAction="iam:*"),
    ),
    broken(
        "nobody-may-do-everything",
        ATTACHMENT,
        "Attach no such policy: name the actions in a RolePolicy.",
        to(policyArn="arn:aws:iam::aws:policy/AmazonECS_FullAccess"),
        to(policyArn="arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    broken(
        "a-role-is-taken-by-name",
        ROLE,
        "Name the principal and a condition, e.g. with infra.render.policies.assume.",
        taken(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
        taken(Principal={"Service": "ecs-tasks.amazonaws.com"}),
    ),
    broken(
        "there-is-no-stored-key",
        ROLE,
        "Take a role: of a task, of the CI, or of Identity Center.",
        a("iam/user:User"),
        a("iam/accessKey:AccessKey"),
    ),
]
