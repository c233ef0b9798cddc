"""Dashboards: what is in Grafana, in a stack of its own because Grafana must answer before its provider can work."""

import os

import pulumi
import pulumiverse_grafana as grafana

from infra import grafana_token, outputs, stack
from infra.components.dashboards import Dashboards


def program() -> None:
    """Make the data source and the dashboards.

    Raises:
        TokenMissingError: this is no preview, and Grafana would let nobody in.
    """
    here = stack.begin()
    if not pulumi.runtime.is_dry_run():
        grafana_token.require(os.environ)
    told = outputs.read(outputs.ObservabilityOutputs)
    # What is given here is kept in the state, so the token is not given: it comes from the environment, as a header.
    provider = grafana.Provider("grafana", url=told.grafana_url, auth="anonymous")
    Dashboards(
        "dashboards",
        environment=here.settings,
        metrics=told.metrics_url,
        opts=pulumi.ResourceOptions(provider=provider),
    )
