"""What differs between deployments: where links lead, which figures are good, which kind of data source answers."""

from dataclasses import dataclass, field

from ops.alerts.thresholds import Thresholds, load

#: Grafana offers every Prometheus for it, Amazon's and Azure's plugins too; other types only themselves.
PROMETHEUS = "prometheus"


@dataclass(frozen=True, kw_only=True)
class Site:
    """One deployment, as its dashboards see it.

    Args:
        thresholds: of the alerts; colours and links are the same here and there.
        data_source_type: id of the Grafana plugin whose data sources can be chosen.
        data_source: uid of the data source that is chosen at first; Grafana's default one if empty.
    """

    thresholds: Thresholds = field(default_factory=load)
    data_source_type: str = PROMETHEUS
    data_source: str = ""

    def runbook(self, alert: str) -> str:
        """Return the address of an alert's runbook."""
        return f"{self.thresholds.links.runbooks}/{alert}.md"

    def night(self, page: str = "") -> str:
        """Return the address of a page of the night board; Grafana fills in variables that the page names."""
        return f"{self.thresholds.links.board}/night/{page}"
