"""A topic that tells the people on call, and the alarms that write to it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.render import policies
from infra.settings import Environment

#: Services whose alerts go through such a topic, and therefore use its key.
AMP = "aps.amazonaws.com"
TELLERS = ("cloudwatch.amazonaws.com", AMP, "events.amazonaws.com", "sns.amazonaws.com")


class Address(NamedTuple):
    """Where somebody is told, and how SNS gets there."""

    protocol: str
    endpoint: str


class OnCallTopic(Component):
    """A topic with the subscriptions of the environment.

    Args:
        name: logical, and part of the topic's name.
        environment: says who is told.
        key_arn: encrypts what waits in the topic; its policy must name `TELLERS`.
        addresses: who is told; everybody on call where nothing is said.
        workspace_arn: of AMP's workspace that alone may write; None where this account's alarms and events may.
    """

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        key_arn: pulumi.Input[str],
        addresses: Sequence[Address] | None = None,
        workspace_arn: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__(name, opts)
        self.topic = aws.sns.Topic(
            name, name=environment.named(name), kms_master_key_id=key_arn, signature_version=2, opts=self.child()
        )
        self._admit(environment, workspace_arn)
        for protocol, endpoint in everybody(environment) if addresses is None else addresses:
            aws.sns.TopicSubscription(
                f"{name}-{_label(endpoint)}",
                topic=self.topic.arn,
                protocol=protocol,
                endpoint=endpoint,
                opts=self.child(),
            )
        self.arn = self.topic.arn
        self.register_outputs({"arn": self.arn})

    def _admit(self, environment: Environment, workspace_arn: pulumi.Input[str] | None) -> None:
        ours: policies.Condition = {"StringEquals": {"aws:SourceAccount": environment.account_id}}
        if workspace_arn is not None:
            ours = {**ours, "ArnEquals": {"aws:SourceArn": workspace_arn}}
        tellers = [AMP] if workspace_arn is not None else [it for it in TELLERS if not it.startswith("sns.")]
        statements = [
            policies.allow_service(teller, "sns:Publish", "sns:GetTopicAttributes", on=[self.topic.arn], when=ours)
            for teller in tellers
        ]
        aws.sns.TopicPolicy(self.name, arn=self.topic.arn, policy=policies.document(*statements), opts=self.child())


def everybody(environment: Environment) -> list[Address]:
    """Return all who are on call: pages wake them, and are in their mail too."""
    mail = [Address("email", address) for address in environment.on_call.mail]
    return [*mail, *(Address("https", str(url)) for url in environment.on_call.pages)]


def unhurried(environment: Environment) -> list[Address]:
    """Return who gets tickets: by mail, and where nobody has any, those who get pages."""
    told = everybody(environment)
    return [one for one in told if one.protocol == "email"] or told


def _label(endpoint: str) -> str:
    return endpoint.removeprefix("https://").partition("?")[0].rstrip("/").replace("/", "-")


def alarm(
    name: str,
    *,
    environment: Environment,
    text: str,
    namespace: str,
    metric: str,
    above: float | None = None,
    below: float | None = None,
    statistic: str = "Maximum",
    minutes: int = 5,
    dimensions: Mapping[str, pulumi.Input[str]] | None = None,
    missing: str = "notBreaching",
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> aws.cloudwatch.MetricAlarm:
    """Return an alarm over a metric that is too high or too low for some minutes.

    Args:
        name: logical, and part of the alarm's name.
        environment: whose it is.
        text: what it means and what to do, in the words of whoever is woken.
        namespace: CloudWatch's, of the metric.
        metric: its name.
        above: alarm over this …
        below: … or under this; one of the two.
        statistic: of each minute.
        minutes: in a row.
        dimensions: of the metric.
        missing: what silence means: `notBreaching`, or `breaching` where silence is the alarm.
        topic_arn: who is told, of its end too.
        opts: Pulumi's.
    """
    return aws.cloudwatch.MetricAlarm(
        name,
        name=environment.named(name),
        alarm_description=text,
        namespace=namespace,
        metric_name=metric,
        comparison_operator="GreaterThanThreshold" if below is None else "LessThanThreshold",
        threshold=above if below is None else below,
        statistic=statistic,
        period=60,
        evaluation_periods=minutes,
        datapoints_to_alarm=minutes,
        dimensions=dimensions,
        treat_missing_data=missing,
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        opts=opts,
    )
