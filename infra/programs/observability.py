"""Observability: metrics and alerts, who is told, who may look, and alarms for when none of it works."""

import pulumi

from infra import identity_center, outputs, stack
from infra.components.collector import Collector
from infra.components.grafana import CheckSignIn, Grafana
from infra.components.keys import Key
from infra.components.prometheus import Alerting, Prometheus
from infra.components.service import Place
from infra.components.topics import AMP, OnCallTopic, everybody, unhurried
from infra.components.watchers import Watchers
from infra.render.images import by_digest


def program(check_sign_in: CheckSignIn = identity_center.check) -> None:
    """Make the workspaces, the topics, the collector and the alarms.

    Args:
        check_sign_in: raises where nobody could sign in to Grafana; a rehearsal has nobody to ask.
    """
    here = stack.begin()
    environment = here.settings
    told, network = outputs.read(outputs.BootstrapOutputs), outputs.read(outputs.NetworkOutputs)
    platform = outputs.read(outputs.PlatformOutputs)
    users = (f"logs.{environment.region}.amazonaws.com", AMP, "sns.amazonaws.com")
    key = Key("observability", environment=environment, services=users, opts=here.opts)
    prometheus = Prometheus("metrics", environment=environment, key=key, opts=here.opts)
    grafana = Grafana(
        "grafana",
        environment=environment,
        metrics_arn=prometheus.arn,
        key_arn=key.arn,
        check_sign_in=check_sign_in,
        opts=here.opts,
    )
    addresses = {"pager": everybody(environment), "chat": unhurried(environment), "deadman": []}
    topics = {
        receiver: OnCallTopic(
            receiver,
            environment=environment,
            key_arn=key.arn,
            addresses=who,
            workspace_arn=prometheus.arn,
            opts=here.opts,
        )
        for receiver, who in addresses.items()
    }
    Alerting(
        "alerting",
        environment=environment,
        workspace_id=prometheus.workspace.id,
        topics={receiver: topic.arn for receiver, topic in topics.items()},
        grafana=grafana.url,
        opts=here.opts,
    )
    Collector(
        "collector",
        place=Place(
            environment=environment,
            cluster_arn=platform.cluster_arn,
            cluster_name=platform.cluster_name,
            subnet_ids=network.private_subnet_ids,
            topic_arn=told.topic_arn,
        ),
        image=by_digest(pulumi.Config().require("image"), stack="observability"),
        workspace_arn=prometheus.arn,
        remote_write=pulumi.Output.concat(prometheus.endpoint, "api/v1/remote_write"),
        key_arn=key.arn,
        security_group_id=network.security_group_ids["collector"],
        opts=here.opts,
    )
    Watchers(
        "watchers",
        environment=environment,
        workspace_id=prometheus.workspace.id,
        watchdog_topic_name=topics["deadman"].topic.name,
        topic_arn=told.topic_arn,
        opts=here.opts,
    )
    outputs.publish(outputs.ObservabilityOutputs(metrics_url=prometheus.endpoint, grafana_url=grafana.url))
