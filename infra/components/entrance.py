"""The one way in: a load balancer that speaks TLS on 443, with its certificate and its names."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.components.buckets import PrivateBucket
from infra.render import policies
from infra.render.flows import HTTPS, WEB
from infra.render.names import bucket_name
from infra.render.services import DRAIN_S
from infra.settings import Environment

TLS = "ELBSecurityPolicy-TLS13-1-2-2021-06"


class Entrance(Component):
    """The load balancer for the site and every tenant's subdomain.

    Args:
        name: logical, and part of its name.
        environment: says under which domain.
        vpc_id: where the web tasks are.
        subnet_ids: public ones.
        security_group_id: open to the world on 443.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        vpc_id: pulumi.Input[str],
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        security_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self._environment = environment
        self.target_group = self._target_group(vpc_id)
        logs = self._logs()
        self.balancer = aws.lb.LoadBalancer(
            name,
            name=environment.named("web"),
            load_balancer_type="application",
            internal=False,
            subnets=subnet_ids,
            security_groups=[security_group_id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=environment.production,
            access_logs={"bucket": logs.bucket.bucket, "enabled": True},
            opts=self.child(depends_on=[logs]),
        )
        self._listen(self._certificate())
        self._name_it()
        self.register_outputs({"url": f"https://{environment.site.domain}"})

    def _target_group(self, vpc_id: pulumi.Input[str]) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            self.name,
            name=self._environment.named("web"),
            vpc_id=vpc_id,
            port=WEB,
            protocol="HTTP",
            target_type="ip",
            deregistration_delay=DRAIN_S,
            # Asks no dependency: a database that is away is no reason to replace every web task.
            health_check={"path": "/healthz", "interval": 10, "timeout": 5, "healthy_threshold": 2, "matcher": "200"},
            opts=self.child(),
        )

    def _logs(self) -> PrivateBucket:
        name = "web-log"
        into = f"arn:aws:s3:::{bucket_name(self._environment, name)}/AWSLogs/{self._environment.account_id}/*"
        return PrivateBucket(
            name,
            environment=self._environment,
            key_arn=None,  # Load balancers write with S3's own encryption only.
            expire_days=self._environment.log_days,
            statements=[
                policies.allow_service("logdelivery.elasticloadbalancing.amazonaws.com", "s3:PutObject", on=[into])
            ],
            opts=self.child(),
        )

    def _certificate(self) -> pulumi.Output[str]:
        """Return the ARN of a certificate that has proved whose the domain is."""
        domain = self._environment.site.domain
        certificate = aws.acm.Certificate(
            self.name,
            domain_name=domain,
            subject_alternative_names=[f"*.{domain}"],
            validation_method="DNS",
            opts=self.child(),
        )
        # The name and its wildcard are proved by one and the same record.
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            "proof",
            zone_id=self._environment.site.zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=300,
            opts=self.child(),
        )
        return aws.acm.CertificateValidation(
            self.name,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=self.child(),
        ).certificate_arn

    def _listen(self, certificate_arn: pulumi.Input[str]) -> None:
        """Serve TLS only: there is no port 80, not even to send people elsewhere."""
        aws.lb.Listener(
            self.name,
            load_balancer_arn=self.balancer.arn,
            port=HTTPS,
            protocol="HTTPS",
            ssl_policy=TLS,
            certificate_arn=certificate_arn,
            default_actions=[{"type": "forward", "target_group_arn": self.target_group.arn}],
            opts=self.child(),
        )

    def _name_it(self) -> None:
        domain = self._environment.site.domain
        for label, name in {"site": domain, "tenants": f"*.{domain}"}.items():
            aws.route53.Record(
                label,
                zone_id=self._environment.site.zone_id,
                name=name,
                type="A",
                aliases=[
                    {
                        "name": self.balancer.dns_name,
                        "zone_id": self.balancer.zone_id,
                        "evaluate_target_health": True,
                    }
                ],
                opts=self.child(),
            )
