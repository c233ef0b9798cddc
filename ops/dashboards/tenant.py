"""Tenant: what is wrong with this tenant, what waits behind it, and is that new?"""

from grafana_foundation_sdk.builders import dashboard as builders

from ops.dashboards.frame import board, choice, data_source, furnish
from ops.dashboards.panels import (
    AnyPanel,
    at_once,
    dressed,
    figure,
    late_rows,
    lines,
    mapped,
    query,
    rows,
    runbooks,
    squares,
)
from ops.dashboards.site import Site

UID = "matins-tenant"

MINE = '{tenant="$tenant", schedule=~"$schedule"}'


def tenant(site: Site) -> builders.Dashboard:
    """Return the dashboard of any one tenant."""
    text = "What is wrong with this tenant, and what waits behind it?"
    frame = board(uid=UID, title="Matins / Tenant", text=text, panels=[*_now(site), *_since(site)], since="now-7d")
    frame.with_variable(data_source(site)).with_variable(_tenants()).with_variable(schedules())
    return furnish(frame, site, page="tenants/${tenant}")


def schedules() -> builders.QueryVariable:
    """Return the variable that narrows the tenant's schedules, all at first."""
    names = "label_values(matins_schedule_info, schedule)"
    return choice("schedule", names, text="Schedules of this tenant", everything=True)


def _tenants() -> builders.QueryVariable:
    # All active tenants can be chosen; those with most problems stand first, and the first is the default.
    worst_first = "query_result(sort_desc(max by (tenant) (matins_tenant_problems)))"
    return choice("tenant", worst_first, text="Schema name, tenants with problems first", regex='/tenant="([^"]+)"/')


def _now(site: Site) -> list[AnyPanel]:
    well = 'avg_over_time((max(matins_tenant_problems{tenant="$tenant"}) == bool 0)[$__range:$__interval])'
    return [
        dressed(
            figure(good_below=1).mappings([mapped({"0": "all is well"})]),
            title="Schedules with a problem",
            unit="short",
            text="Schedules of the tenant with a missed, overdue or failed run. Without a number it takes no part "
            "now: it is suspended, closed or unknown.",
            size=(8, 4),
            empty="takes no part",
            asked=[at_once('max(matins_tenant_problems{tenant="$tenant"})')],
            links=runbooks(site, "TenantBroken", "WindowMissed", "RunOverdue", "RunFailed"),
        ),
        dressed(
            figure(good_below=1),
            title="Runs blocked behind them",
            unit="short",
            size=(8, 4),
            text="Runs of the tenant that wait for one with a problem. They start by themselves once it is mended.",
            asked=[at_once(f"sum(max by (schedule) (matins_tenant_schedule_dependents{MINE})) or vector(0)")],
        ),
        dressed(
            figure(),
            title="Time without a problem",
            unit="percentunit",
            size=(8, 4),
            empty="takes no part",
            text="Share of the time range shown in which no schedule of the tenant had a problem.",
            asked=[at_once(well)],
        ),
        dressed(
            late_rows(MINE),
            title="What is wrong, the oldest first",
            unit="s",
            size=(24, 9),
            empty="nothing is wrong",
            text="Each missed, overdue or failed run, how long ago it was due, and how many runs wait behind it. All "
            "tenants together have at most 500 such rows; the number above is complete.",
            links=[("Tenant on the night board", site.night("tenants/${tenant}")), *runbooks(site, "SeriesOmitted")],
        ),
    ]


def _since(site: Site) -> list[AnyPanel]:
    return [
        dressed(
            squares(),
            title="When schedules had problems",
            unit="s",
            size=(24, 9),
            empty="no problems in this time",
            text="Red where a run was missed, overdue or failed; the value is how long ago it had been due.",
            asked=[
                query(
                    f"max by (schedule) (max_over_time(matins_tenant_schedule_late_seconds{MINE}[$__interval]))",
                    legend="{{schedule}}",
                )
            ],
            links=runbooks(site, "WindowMissed", "RunOverdue", "RunFailed"),
        ),
        dressed(
            lines(),
            title="Schedules with a problem, over time",
            unit="short",
            size=(12, 8),
            empty="takes no part",
            text="One that stays is one cause; many that come and go are late nights.",
            asked=[query('max(matins_tenant_problems{tenant="$tenant"})', legend="with a problem")],
        ),
        dressed(
            rows(renamed={"Value": "last success"}),
            title="Last success",
            unit="dateTimeAsIso",
            size=(12, 8),
            text="When each schedule's last run succeeded, on the business clock. The monitor tells it only with "
            "MATINS_TENANT_SERIES=full; the night board always does.",
            empty="MATINS_TENANT_SERIES is not full",
            asked=[
                at_once(f"max by (schedule) (matins_tenant_schedule_success_timestamp_seconds{MINE}) * 1000", rows=True)
            ],
            links=[("Tenant on the night board", site.night("tenants/${tenant}"))],
        ),
    ]
