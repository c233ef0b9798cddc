"""What is in Grafana: the data source, and the dashboards that `ops/dashboards` builds."""

import json

import pulumi
import pulumiverse_grafana as grafana

from infra.components.base import Component
from infra.render import rules
from infra.settings import Environment
from ops.dashboards.rendering import files
from ops.dashboards.site import Site

#: Amazon's plugin: Grafana's own Prometheus data source signs no requests to AWS any more.
DATA_SOURCE_TYPE = "grafana-amazonprometheus-datasource"
DATA_SOURCE = "matins-metrics"


class Dashboards(Component):
    """A folder that Pulumi keeps as it is; what people try out goes elsewhere.

    Args:
        name: logical.
        environment: whose night is shown.
        metrics: address of AMP's workspace.
    """

    def __init__(
        self, name: str, *, environment: Environment, metrics: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(name, opts)
        signed = {
            "httpMethod": "POST",
            "timeInterval": str(rules.thresholds(environment).every.scrape),
            "sigV4Auth": True,
            "sigV4AuthType": "workspace-iam-role",
            "sigV4Region": environment.region,
        }
        source = grafana.oss.DataSource(
            "metrics",
            uid=DATA_SOURCE,
            name=f"Matins {environment.name}",
            type=DATA_SOURCE_TYPE,
            url=metrics,
            is_default=True,
            json_data_encoded=json.dumps(signed),
            opts=self.child(),
        )
        folder = grafana.oss.Folder("matins", uid="matins", title="Matins", opts=self.child())
        for uid, content in dashboards(environment).items():
            grafana.oss.Dashboard(
                uid,
                folder=folder.uid,
                config_json=content,
                overwrite=True,
                message="Deployed by Pulumi.",
                opts=self.child(depends_on=[source]),
            )
        self.register_outputs({})


def dashboards(environment: Environment) -> dict[str, str]:
    """Return the platform's own dashboards by uid; tenants' are made by `manage.py tenant_dashboards`."""
    site = Site(thresholds=rules.thresholds(environment), data_source_type=DATA_SOURCE_TYPE, data_source=DATA_SOURCE)
    return {name.removesuffix(".json"): content for name, content in files(site).items()}
