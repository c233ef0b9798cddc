"""The kinds of panels, none of which can lack a title, a text, a unit or a size."""

from collections.abc import Sequence
from typing import TypeVar

from grafana_foundation_sdk.builders import common as common_builders
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import heatmap, prometheus, stat, statushistory, table, timeseries
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import prometheus as queries

from ops.dashboards.site import Site

#: No type beside it: the plugin differs between Grafanas, the variable knows the data source.
DATA_SOURCE = common.DataSourceRef(uid="${datasource}")

#: One colour for one word, on every panel.
COLOURS = {
    "succeeded": "green",
    "running": "blue",
    "ready": "light-blue",
    "waiting": "#8e8e8e",
    "blocked": "purple",
    "late": "yellow",
    "overdue": "orange",
    "missed": "red",
    "failed": "dark-red",
    "skipped": "#5a5a5a",
    "on_time": "green",
    "given_back": "blue",
    "active": "green",
    "suspended": "yellow",
    "closed": "#5a5a5a",
}

Link = tuple[str, str]
AnyPanel = stat.Panel | table.Panel | timeseries.Panel | statushistory.Panel | heatmap.Panel
P = TypeVar("P", stat.Panel, table.Panel, timeseries.Panel, statushistory.Panel, heatmap.Panel)


def query(expr: str, *, legend: str = "", ref: str = "A") -> prometheus.Dataquery:
    """Return a query over the time range shown.

    Args:
        expr: PromQL.
        legend: what its series are called, labels in double braces.
        ref: tells several queries of a panel apart.
    """
    found = prometheus.Dataquery().ref_id(ref).expr(expr).range().datasource(DATA_SOURCE)
    return found.legend_format(legend or "__auto")


def at_once(expr: str, *, legend: str = "", ref: str = "A", rows: bool = False) -> prometheus.Dataquery:
    """Return a query for the end of the time range; with `rows` its series become a table's rows."""
    shape = queries.PromQueryFormat.TABLE if rows else queries.PromQueryFormat.TIME_SERIES
    return query(expr, legend=legend, ref=ref).instant().format(shape)


def spread(buckets_of: str) -> prometheus.Dataquery:
    """Return a query for how a histogram's observations are spread, from the selector of its buckets."""
    expr = f"sum by (le) (increase({buckets_of}[$__rate_interval]))"
    return query(expr, legend="{{le}}").format(queries.PromQueryFormat.HEATMAP)


def measured_in(unit: str) -> models.DynamicConfigValue:
    """Return the property that gives one column or series a unit of its own."""
    return models.DynamicConfigValue(id_val="unit", value=unit)


def figure(*, good_below: float | None = None, good_from: float | None = None) -> stat.Panel:
    """Return a panel of big numbers, coloured by whether they are good.

    Args:
        good_below: red from here on.
        good_from: red below.
    """
    latest = common_builders.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)
    panel = stat.Panel().reduce_options(latest).graph_mode(common.BigValueGraphMode.NONE)
    panel.text_mode(common.BigValueTextMode.AUTO).color_mode(common.BigValueColorMode.VALUE)
    if good_below is not None:
        panel.thresholds(_steps(("green", None), ("red", good_below)))
    elif good_from is not None:
        panel.thresholds(_steps(("red", None), ("green", good_from)))
    else:
        panel.thresholds(_steps(("text", None)))
    return panel


def lines(*, stacked: bool = False) -> timeseries.Panel:
    """Return a panel of lines over time; or of areas on top of each other, one for each state or outcome."""
    panel = timeseries.Panel().fill_opacity(60 if stacked else 8).line_width(1).show_points(common.VisibilityMode.NEVER)
    panel.tooltip(
        common_builders.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI).sort(common.SortOrder.DESCENDING)
    )
    panel.legend(_legend()).min(0).thresholds(_steps(("green", None)))
    return _in_colours(panel) if stacked else panel


def squares() -> statushistory.Panel:
    """Return a panel with a row for each series and a square for each stretch of time, red where it is above zero."""
    panel = statushistory.Panel().thresholds(_steps(("green", None), ("red", 0.5))).max_data_points(96)
    panel.color_scheme(builders.FieldColor().mode(models.FieldColorModeId.THRESHOLDS))
    return panel.row_height(0.9).show_value(common.VisibilityMode.NEVER).legend(_legend(shown=False))


def buckets() -> heatmap.Panel:
    """Return a panel that shows a histogram over time."""
    colours = heatmap.HeatmapColorOptions().scheme("Blues").steps(32).reverse(False)
    return heatmap.Panel().calculate(False).color(colours).cell_gap(1).show_legend()


def rows(*, hidden: Sequence[str] = (), renamed: dict[str, str] | None = None) -> table.Panel:
    """Return a table of what its instant queries found, put side by side where their labels agree.

    Args:
        hidden: columns left out, besides the time.
        renamed: what columns are called instead.
    """
    order = {"excludeByName": {"Time": True, **dict.fromkeys(hidden, True)}, "renameByName": renamed or {}}
    panel = table.Panel().thresholds(_steps(("text", None))).filterable(True)
    panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    return panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=order))


def late_rows(selector: str, *, linked: bool = True) -> table.Panel:
    """Return the table of runs that are missed, overdue or failed, the oldest first.

    Args:
        selector: label matchers in braces, or nothing.
        linked: whether tenants and schedules lead to their dashboards.
    """
    panel = rows(renamed={"Value #late": "due since", "Value #behind": "blocked behind it"})
    late = f"max by (tenant, schedule, queue, criticality, problem) (matins_tenant_schedule_late_seconds{selector})"
    behind = f"max by (tenant, schedule) (matins_tenant_schedule_dependents{selector})"
    panel.with_target(at_once(late, ref="late", rows=True)).with_target(at_once(behind, ref="behind", rows=True))
    panel.sort_by([common_builders.TableSortByFieldState().display_name("due since").desc(True)])
    panel.override_by_name("blocked behind it", [measured_in("short")])
    panel.override_by_name("problem", [_cell_colours()])
    if linked:
        link_column(panel, "tenant", "/d/matins-tenant?var-tenant=${__value.text}")
        link_column(panel, "schedule", "/d/matins-schedule?var-schedule=${__value.text}")
    return panel


def link_column(panel: table.Panel, column: str, url: str) -> table.Panel:
    """Make a column's cells lead somewhere; `${__value.text}` in the address is the cell."""
    link = {"title": f"Show this {column}", "url": url, "targetBlank": False}
    return panel.override_by_name(column, [models.DynamicConfigValue(id_val="links", value=[link])])


def dressed(
    panel: P,
    *,
    title: str,
    text: str,
    unit: str,
    size: tuple[int, int],
    asked: Sequence[prometheus.Dataquery] = (),
    links: Sequence[Link] = (),
    empty: str = "nothing to show",
) -> P:
    """Return a panel with all that a reader needs beside its numbers.

    Args:
        panel: as its kind makes it.
        title: what is shown.
        text: what it means and what to do when it is wrong.
        unit: Grafana's name of the unit.
        size: columns and rows of the grid.
        asked: its queries, besides those it has.
        links: title and address of pages that say more.
        empty: what stands there without data.
    """
    for target in asked:
        panel.with_target(target)
    panel.title(title).description(text).unit(unit).no_value(empty).datasource(DATA_SOURCE)
    return panel.span(size[0]).height(size[1]).links([_link(name, url) for name, url in links])


def runbooks(site: Site, *alerts: str) -> list[Link]:
    """Return links to the runbooks of alerts."""
    return [(f"Runbook: {alert}", site.runbook(alert)) for alert in alerts]


def mapped(texts: dict[str, str]) -> models.ValueMap:
    """Return a mapping that shows values as words."""
    return models.ValueMap({value: models.ValueMappingResult(text=text) for value, text in texts.items()})


def _in_colours(panel: timeseries.Panel) -> timeseries.Panel:
    panel.stacking(common_builders.StackingConfig().mode(common.StackingMode.NORMAL))
    for word, colour in COLOURS.items():
        fixed = {"mode": "fixed", "fixedColor": colour}
        panel.override_by_name(word, [models.DynamicConfigValue(id_val="color", value=fixed)])
    return panel


def _link(title: str, url: str) -> builders.DashboardLink:
    return builders.DashboardLink(title).type(models.DashboardLinkType.LINK).url(url).target_blank(True)


def _legend(*, shown: bool = True) -> common_builders.VizLegendOptions:
    legend = common_builders.VizLegendOptions().show_legend(shown).placement(common.LegendPlacement.BOTTOM).calcs([])
    return legend.display_mode(common.LegendDisplayMode.LIST)


def _steps(*steps: tuple[str, float | None]) -> builders.ThresholdsConfig:
    absolute = builders.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE)
    return absolute.steps([models.Threshold(color=colour, value=value) for colour, value in steps])


def _cell_colours() -> models.DynamicConfigValue:
    words = {word: models.ValueMappingResult(color=COLOURS[word]) for word in ("missed", "overdue", "failed")}
    return models.DynamicConfigValue(id_val="mappings", value=[models.ValueMap(words)])
