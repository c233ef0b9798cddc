"""Security groups: one per role, with a rule at each end of every permitted flow."""

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.network import ANYWHERE
from infra.render.flows import GROUPS, INTERNET, S3, Flow, flows
from infra.settings import Environment


class SecurityGroups(Component):
    """The groups and their rules.

    Args:
        name: logical.
        environment: names them.
        vpc_id: where they are.
        s3_prefix_list_id: the addresses of S3's gateway endpoint.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        vpc_id: pulumi.Input[str],
        s3_prefix_list_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._s3_prefix_list_id = s3_prefix_list_id
        self.groups = {
            group: aws.ec2.SecurityGroup(
                group,
                name=environment.named(group),
                description=f"Matins {environment.name}: {group}",
                vpc_id=vpc_id,
                tags={"Name": environment.named(group)},
                opts=self.child(),
            )
            for group in GROUPS
        }
        for flow in flows():
            self._open(flow)
        self.ids = {group: made.id for group, made in self.groups.items()}
        self.register_outputs({"ids": self.ids})

    def _open(self, flow: Flow) -> None:
        """Let the source out and the target in, where these are groups."""
        name = f"{flow.source}-{flow.target}-{flow.port}"
        if flow.target in self.groups:
            aws.vpc.SecurityGroupIngressRule(
                name,
                security_group_id=self.groups[flow.target].id,
                description=f"from {flow.source}",
                ip_protocol="tcp",
                from_port=flow.port,
                to_port=flow.port,
                referenced_security_group_id=self._group(flow.source),
                cidr_ipv4=ANYWHERE if flow.source == INTERNET else None,
                opts=self.child(),
            )
        if flow.source in self.groups:
            aws.vpc.SecurityGroupEgressRule(
                name,
                security_group_id=self.groups[flow.source].id,
                description=f"to {flow.target}",
                ip_protocol="tcp",
                from_port=flow.port,
                to_port=flow.port,
                referenced_security_group_id=self._group(flow.target),
                cidr_ipv4=ANYWHERE if flow.target == INTERNET else None,
                prefix_list_id=self._s3_prefix_list_id if flow.target == S3 else None,
                opts=self.child(),
            )

    def _group(self, end: str) -> pulumi.Output[str] | None:
        return self.groups[end].id if end in self.groups else None
