"""A tenant's own dashboard: what its people may see in a Grafana that they share with other tenants.

The tenant is written into every query, and every series read carries it as a label. So the same dashboard also works
behind a proxy that adds the tenant to whatever is asked, and no link leads to a place that others are in.
"""

from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.models import dashboard as models

from ops.dashboards.frame import board, data_source
from ops.dashboards.panels import AnyPanel, at_once, dressed, figure, late_rows, lines, mapped, query, rows, squares
from ops.dashboards.site import Site
from schedules.catalog import CATALOG

#: Found by this tag, and not by the platform's own: those lead elsewhere.
TAG = "matins-tenant"


def own(site: Site, *, tenant: str, name: str, uid: str, successes: bool) -> builders.Dashboard:
    """Return the dashboard of one tenant, for its own people.

    Args:
        site: the deployment.
        tenant: schema name; letters, digits and underscores.
        name: what its people call it.
        uid: under which a later version finds it.
        successes: whether the monitor exports when each schedule last succeeded.
    """
    panels = [*_now(tenant), *_since(tenant), *([_last_success(tenant)] if successes else [])]
    text = "What the night has done for you: the jobs that are late, and what waits for them."
    frame = board(uid=uid, title=f"The night of {name}", text=text, panels=panels, since="now-7d")
    return frame.tags([TAG]).with_variable(data_source(site).hide(models.VariableHide.HIDE_VARIABLE))


def _now(tenant: str) -> list[AnyPanel]:
    mine = f'{{tenant="{tenant}"}}'
    well = f"avg_over_time((max(matins_tenant_problems{mine}) == bool 0)[$__range:$__interval])"
    return [
        dressed(
            figure(good_below=1).mappings([mapped({"0": "all is well"})]),
            title="Now",
            unit="short",
            size=(8, 5),
            text="How many of your jobs are late or failed. Somebody has been told of each.",
            empty="no jobs now",
            asked=[at_once(f"max(matins_tenant_problems{mine})", legend="jobs")],
        ),
        dressed(
            figure(good_below=1).mappings([mapped({"0": "none"})]),
            title="Waiting for them",
            unit="short",
            size=(8, 5),
            text="Jobs that start by themselves once the late ones are done.",
            asked=[at_once(f"sum(max by (schedule) (matins_tenant_schedule_dependents{mine})) or vector(0)")],
        ),
        dressed(
            figure(),
            title="Time in which all was well",
            unit="percentunit",
            size=(8, 5),
            empty="no jobs then",
            text="Share of the time range shown in which no job of yours was late or failed.",
            asked=[at_once(well)],
        ),
        _purposes(
            dressed(
                late_rows(mine, linked=False),
                title="Late or failed, the oldest first",
                unit="s",
                size=(24, 9),
                text="Each job that is late or failed now, how long ago it was due, and how many of your jobs wait "
                "for it.",
                empty="nothing is late",
            )
        ),
    ]


def _since(tenant: str) -> list[AnyPanel]:
    late = f'max by (schedule) (max_over_time(matins_tenant_schedule_late_seconds{{tenant="{tenant}"}}[$__interval]))'
    return [
        dressed(
            squares(),
            title="When jobs were late",
            unit="s",
            size=(24, 9),
            empty="nothing was late in this time",
            text="Red where a job was late or failed; the value is how long ago it had been due.",
            asked=[query(late, legend="{{schedule}}")],
        ),
        dressed(
            lines(),
            title="Jobs late or failed, over time",
            unit="short",
            size=(24, 7),
            empty="no jobs then",
            text="Zero on a good day.",
            asked=[query(f'max(matins_tenant_problems{{tenant="{tenant}"}})', legend="jobs")],
        ),
    ]


def _last_success(tenant: str) -> AnyPanel:
    when = f'max by (schedule) (matins_tenant_schedule_success_timestamp_seconds{{tenant="{tenant}"}}) * 1000'
    panel = dressed(
        rows(renamed={"Value": "last done"}),
        title="Last done",
        unit="dateTimeAsIso",
        size=(24, 10),
        text="When each job was last done for you, UTC.",
        asked=[at_once(when, rows=True)],
        empty="nothing was done yet",
    )
    return _purposes(panel)


def _purposes(panel: table.Panel) -> table.Panel:
    """Show schedules by their purpose: their names are ours."""
    words = {one.name: models.ValueMappingResult(text=one.purpose) for one in CATALOG}
    return panel.override_by_name(
        "schedule", [models.DynamicConfigValue(id_val="mappings", value=[models.ValueMap(words)])]
    )
