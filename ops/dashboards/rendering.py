"""All dashboards as text: the same builders always give the same bytes."""

import json

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from ops.dashboards.overview import overview
from ops.dashboards.schedule import schedule
from ops.dashboards.site import Site
from ops.dashboards.tenant import tenant
from ops.dashboards.workers import workers

#: The platform's own dashboards; a tenant's own is made for each tenant.
DASHBOARDS = (overview, tenant, schedule, workers)


def text(dashboard: builders.Dashboard) -> str:
    """Return a dashboard as Grafana imports it."""
    return json.dumps(dashboard.build(), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def files(site: Site) -> dict[str, str]:
    """Return what belongs into each file: name to content."""
    built = (make(site) for make in DASHBOARDS)
    return {f"{frame.build().uid}.json": text(frame) for frame in built}
