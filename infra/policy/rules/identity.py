"""Who deploys and who may do what: one account, one provider, roles that say everything in one place."""

import json
from typing import Any

from infra.policy.rule import Faults, Resource, rule

PROVIDER = "pulumi:providers:aws"
ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
#: Each owns all policies of a role and removes what others attached.
EXCLUSIVE = (
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
)
TAGS = ("Project", "Environment", "Stack", "ManagedBy")
#: Packages of Pulumi's own and of ours: they need no provider.
OURS = ("pulumi:", "matins:")


@rule()
def a_provider_is_chosen(it: Resource) -> Faults:
    """Every resource is made by a provider that the stack configured, never by one that Pulumi made up."""
    if it.type.startswith(OURS):
        return
    if it.provider is None or it.provider.name.startswith("default"):
        yield "Pass opts=here.opts or a parent that has it: Pulumi's own provider checks no account and sets no tags."


@rule(PROVIDER)
def a_provider_knows_its_account(it: Resource) -> Faults:
    """Credentials of another account deploy nothing."""
    if not _json(it.known("allowedAccountIds")):
        yield "Set allowed_account_ids to the environment's account_id."


@rule(PROVIDER)
def everything_is_tagged(it: Resource) -> Faults:
    """Every resource says whose it is, because its provider does."""
    tags = _json(it.known("defaultTags")).get("tags", {})
    for missing in (name for name in TAGS if not tags.get(name)):
        yield f"Add {missing} to the provider's default_tags."
    if tags.get("Environment") not in (None, it.stack):
        yield f"The tag Environment is not {it.stack}: take the provider of infra.stack.begin."


@rule(ROLE, *EXCLUSIVE)
def a_role_has_one_list_of_rights(it: Resource) -> Faults:
    """A role's policies are resources of their own; two ways to state them undo each other on every `up`."""
    if it.type in EXCLUSIVE or it.has("inlinePolicies") or it.has("managedPolicyArns"):
        yield "Take RolePolicy and RolePolicyAttachment, and nothing inside the role."


@rule(ROLE_POLICY, "aws:iam/policy:Policy", ATTACHMENT)
def nobody_may_do_everything(it: Resource) -> Faults:
    """Rights name their actions: neither `*`, nor all of a service, nor a policy of AWS that says so."""
    if str(it.known("policyArn")).endswith(("FullAccess", "/AdministratorAccess")):
        yield "Attach no such policy: name the actions in a RolePolicy."
    if any(action.endswith(":*") or action == "*" for action in _allowed(it)):
        yield "Name the actions instead of a star."


@rule(ROLE)
def a_role_is_taken_by_name(it: Resource) -> Faults:
    """A role says who may take it, and for whom."""
    for statement in it.statements("assumeRolePolicy"):
        if statement.get("Principal") in ("*", {"AWS": "*"}) or not statement.get("Condition"):
            yield "Name the principal and a condition, e.g. with infra.render.policies.assume."


@rule("aws:iam/user:User", "aws:iam/accessKey:AccessKey")
def there_is_no_stored_key(_it: Resource) -> Faults:
    """People and pipelines sign in and get keys for an hour; a key that stays gets lost."""
    yield "Take a role: of a task, of the CI, or of Identity Center."


def _json(value: Any) -> Any:
    """Providers are given lists and maps as JSON texts."""
    return json.loads(value) if isinstance(value, str) else value or {}


def _allowed(it: Resource) -> list[str]:
    """A statement that names what it leaves out allows all the rest."""
    rights = [one.get("Action", "*") for one in it.statements("policy") if one["Effect"] == "Allow"]
    return [action for one in rights for action in ([one] if isinstance(one, str) else one)]
