"""What Grafana would ask: every query of every dashboard, its variables filled in as for a reader."""

import json
from typing import NamedTuple

from ops.dashboards.own import own
from ops.dashboards.rendering import text
from ops.dashboards.site import Site
from tests.ops.tools import OPS

JSON = OPS / "dashboards" / "json"

#: What Grafana puts in place of its own variables, on a range of minutes.
GRAFANAS = {"__rate_interval": "1m", "__interval": "5s", "__range": "10m"}
#: What a reader chose where one is to be chosen; where several can be, all are.
CHOSEN = {"tenant": "acme", "schedule": "daily-first"}


class Question(NamedTuple):
    """One query as Prometheus gets it, and where it stands."""

    dashboard: str
    panel: str
    expr: str


def dashboards():
    """Return the committed dashboards by uid."""
    read = (json.loads(path.read_text()) for path in sorted(JSON.glob("*.json")))
    return {dashboard["uid"]: dashboard for dashboard in read}


def of_tenant(tenant="acme", *, successes=True):
    """Return a tenant's own dashboard."""
    return json.loads(text(own(Site(), tenant=tenant, name=tenant.title(), uid=f"of-{tenant}", successes=successes)))


def all_dashboards():
    return [*dashboards().values(), of_tenant()]


def questions(dashboard):
    """Return every query of a dashboard's panels and annotations, as Prometheus would get it."""
    asked = [
        *((panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel["targets"]),
        *((one["name"], one["expr"]) for one in dashboard.get("annotations", {}).get("list", [])),
    ]
    several = {name: one["allValue"] for name, one in variables(dashboard).items() if one.get("multi")}
    return [Question(dashboard["uid"], title, _fill_in(expr, {**CHOSEN, **several})) for title, expr in asked]


def variables(dashboard):
    return {one["name"]: one for one in dashboard["templating"]["list"]}


def _fill_in(expr, chosen):
    """Put values in place of variables, the longest names first."""
    values = {**GRAFANAS, **chosen}
    for name in sorted(values, key=len, reverse=True):
        expr = expr.replace(f"${name}", values[name])
    return expr
