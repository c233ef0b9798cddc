"""The frame every dashboard shares: UTC, read only, a fixed uid, data source by variable, deployments marked."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.models import dashboard as models

from ops.dashboards.panels import DATA_SOURCE, AnyPanel
from ops.dashboards.site import Site

#: Found by this tag, the platform's own dashboards lead to each other.
TAG = "matins"


def board(*, uid: str, title: str, text: str, panels: Sequence[AnyPanel], since: str = "now-24h") -> builders.Dashboard:
    """Return a dashboard nobody edits by hand, in UTC, its panels placed in order.

    Args:
        uid: under which alerts, links and a later version find it.
        title: what it is about.
        text: which question it answers.
        panels: left to right, then down.
        since: start of the time range it opens with.
    """
    frame = builders.Dashboard(title).uid(uid).description(text).tags([TAG]).timezone("utc").readonly()
    frame.time(since, "now").refresh("30s").tooltip(models.DashboardCursorSync.CROSSHAIR).week_start("monday")
    for number, panel in enumerate(panels, start=1):
        frame.with_panel(panel.id(number))
    return frame


def furnish(frame: builders.Dashboard, site: Site, *, page: str = "") -> builders.Dashboard:
    """Add what the platform's own dashboards share: the way to each other and to the board, and deployments."""
    others = builders.DashboardLink("Dashboards").type(models.DashboardLinkType.DASHBOARDS).tags([TAG])
    others.as_dropdown(True).include_vars(True).keep_time(True)
    night = builders.DashboardLink("Night board").type(models.DashboardLinkType.LINK).url(site.night(page))
    # Without a placement the SDK hides a link in a menu.
    return frame.link(others.placement("")).link(night.placement("").target_blank(True)).annotation(deployments())


def deployments() -> builders.AnnotationQuery:
    """Return the annotation that marks each new version.

    Versions are counted before they are compared, so that a restart of the same version marks nothing.
    """
    now, before = (f"count by (component, version) (matins_build_info{offset})" for offset in ("", " offset 5m"))
    expr = f"{now} unless {before}"
    mark = builders.AnnotationQuery().name("Deployments").datasource(DATA_SOURCE).enable(True).icon_color("blue")
    return mark.expr(expr).title_format("{{component}} {{version}}").step("1m").placement("")


def data_source(site: Site) -> builders.DatasourceVariable:
    """Return the variable through which every query finds its data source."""
    variable = builders.DatasourceVariable("datasource").label("Data source").type(site.data_source_type)
    if site.data_source:
        variable.current(models.VariableOption(text=site.data_source, value=site.data_source))
    return variable.description("The Prometheus that scrapes Matins")


def choice(name: str, query: str, *, text: str, regex: str = "", everything: bool = False) -> builders.QueryVariable:
    """Return a variable that offers what a query finds, looked up again whenever the time range changes.

    Args:
        name: of the variable, and of the label whose values it offers.
        query: in Grafana's words for Prometheus variables.
        text: what is chosen.
        regex: picks the value out of what the query finds.
        everything: whether all may be chosen at once, and are at first.
    """
    variable = builders.QueryVariable(name).label(name.title()).description(text).datasource(DATA_SOURCE)
    variable.query({"query": query, "refId": "choice"}).definition(query).regex(regex)
    variable.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
    # What a regex picks keeps the query's order.
    variable.sort(models.VariableSort.DISABLED if regex else models.VariableSort.ALPHABETICAL_ASC)
    if everything:
        variable.multi(True).include_all(True).all_value(".*")
        variable.current(models.VariableOption(text="All", value="$__all"))
    return variable
