"""Amazon Managed Grafana: who may sign in, and what its data source may read."""

from collections.abc import Callable

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.grafana_token import ACCOUNT
from infra.render import policies
from infra.settings import Environment

#: Raises where nobody could sign in; called before the workspace is made.
CheckSignIn = Callable[[pulumi.ResourceHookArgs], None]

READ = ("aps:QueryMetrics", "aps:GetLabels", "aps:GetSeries", "aps:GetMetricMetadata")
#: Alerts are AMP's; the plugin of the data source is installed by an administrator.
CONFIGURATION = {"plugins": {"pluginAdminEnabled": True}, "unifiedAlerting": {"enabled": False}}


class Grafana(Component):
    """The workspace, its people, and the service account that puts dashboards into it.

    Args:
        name: logical, and part of the workspace's name.
        environment: says who may sign in, and how.
        metrics_arn: of AMP's workspace that it may read.
        key_arn: encrypts it.
        check_sign_in: see `CheckSignIn`.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        metrics_arn: pulumi.Input[str],
        key_arn: pulumi.Input[str],
        check_sign_in: CheckSignIn,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._environment = environment
        gate = pulumi.ResourceHook("sign-in", check_sign_in)
        self.workspace = aws.grafana.Workspace(
            name,
            name=environment.named(name),
            description=f"Matins {environment.name}",
            grafana_version=environment.grafana.version,
            account_access_type="CURRENT_ACCOUNT",
            authentication_providers=["SAML" if environment.grafana.sign_in == "saml" else "AWS_SSO"],
            permission_type="CUSTOMER_MANAGED",
            role_arn=self._role(metrics_arn).arn,
            data_sources=["PROMETHEUS"],
            configuration=pulumi.Output.json_dumps(CONFIGURATION),
            kms_key_id=key_arn,
            opts=self.child(hooks=pulumi.ResourceHookBinding(before_create=[gate])),
        )
        aws.grafana.WorkspaceServiceAccount(
            name, name=ACCOUNT, grafana_role="ADMIN", workspace_id=self.workspace.id, opts=self.child()
        )
        if environment.grafana.sign_in == "saml":
            self._ask_saml()
        else:
            self._admit_groups()
        self.url = pulumi.Output.concat("https://", self.workspace.endpoint)
        self.register_outputs({"url": self.url})

    def _role(self, metrics_arn: pulumi.Input[str]) -> aws.iam.Role:
        role = aws.iam.Role(
            self.name,
            name=self._environment.named(self.name),
            assume_role_policy=policies.document(
                policies.assume("grafana.amazonaws.com", self._environment.account_id)
            ),
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            self.name,
            role=role.id,
            policy=policies.document(policies.allow(*READ, on=[metrics_arn])),
            opts=self.child(),
        )
        return role

    def _admit_groups(self) -> None:
        people = self._environment.grafana
        for role, groups in {"ADMIN": people.admins, "VIEWER": people.viewers}.items():
            if groups:
                aws.grafana.RoleAssociation(
                    f"{self.name}-{role.lower()}",
                    role=role,
                    group_ids=list(groups),
                    workspace_id=self.workspace.id,
                    opts=self.child(),
                )

    def _ask_saml(self) -> None:
        people = self._environment.grafana
        aws.grafana.WorkspaceSamlConfiguration(
            self.name,
            workspace_id=self.workspace.id,
            idp_metadata_url=str(people.saml_metadata),
            role_assertion=people.saml_groups,
            admin_role_values=list(people.admins),
            editor_role_values=[],  # Dashboards come from here; nobody else edits them.
            opts=self.child(),
        )
