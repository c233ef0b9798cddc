"""Schedule: does this job keep its times, for whom does it not, and is it getting slower?"""

from grafana_foundation_sdk.builders import dashboard as builders

from ops.dashboards.frame import board, choice, data_source, furnish
from ops.dashboards.panels import (
    AnyPanel,
    at_once,
    buckets,
    dressed,
    figure,
    late_rows,
    lines,
    measured_in,
    query,
    rows,
    runbooks,
    spread,
)
from ops.dashboards.site import Site

UID = "matins-schedule"

MINE = '{schedule="$schedule"}'


def schedule(site: Site) -> builders.Dashboard:
    """Return the dashboard of any one schedule."""
    text = "Does this job keep its times, for whom does it not, and is it getting slower?"
    panels = [*_now(site), *_pace(site)]
    frame = board(uid=UID, title="Matins / Schedule", text=text, panels=panels, since="now-7d")
    names = "label_values(matins_schedule_info, schedule)"
    frame.with_variable(data_source(site)).with_variable(choice("schedule", names, text="Name in the catalog"))
    return furnish(frame, site, page="schedules/${schedule}")


def _now(site: Site) -> list[AnyPanel]:
    on_time = 'sum(increase(matins_runs_total{schedule="$schedule", outcome="on_time"}[$__range]))'
    ended = 'sum(increase(matins_runs_total{schedule="$schedule", outcome=~"on_time|late|failed"}[$__range])) > 0'
    return [
        dressed(
            figure(good_below=1),
            title="Tenants with a problem",
            unit="short",
            size=(9, 4),
            text="Tenants with a missed, overdue or failed run of this schedule. Many at once have one cause: look at "
            "the newest deployment and at the job's log.",
            asked=[at_once(f"max by (problem) (matins_schedule_problems{MINE})", legend="{{problem}}")],
            links=runbooks(site, "ScheduleBroken", "WindowMissed", "RunOverdue", "RunFailed"),
        ),
        dressed(
            figure(good_below=1),
            title="Oldest problem, windows not opened",
            unit="short",
            size=(9, 4),
            text="How long ago the oldest run with a problem was due, and occurrences that no beat has opened.",
            asked=[
                at_once(f"max(matins_schedule_oldest_problem_seconds{MINE})", legend="oldest"),
                at_once(f"max(matins_schedule_windows_unopened{MINE})", legend="not opened", ref="B"),
            ],
            links=runbooks(site, "WindowMissed", "WindowsUnopened"),
        ).override_by_name("oldest", [measured_in("s")]),
        dressed(
            figure(good_from=1 - site.thresholds.slow.budget),
            title="On time",
            unit="percentunit",
            size=(6, 4),
            text="Share of the runs that ended in the time range shown which ended by their deadline.",
            asked=[at_once(f"{on_time} / ({ended})")],
            empty="no run ended",
            links=runbooks(site, "OnTimeBudgetBurn"),
        ),
        dressed(
            lines(stacked=True),
            title="Tenants by state of the newest window",
            unit="short",
            size=(14, 14),
            text="Each participating tenant once. Blocked tenants wait for another schedule: mend that one.",
            asked=[query(f"max by (state) (matins_schedule_tenants{MINE})", legend="{{state}}")],
        ),
        dressed(
            late_rows(MINE),
            title="For whom, the oldest first",
            unit="s",
            size=(10, 14),
            empty="for nobody",
            text="Tenants with a missed, overdue or failed run, how long ago it was due, and how many of their runs "
            "wait behind.",
            links=[("Schedule on the night board", site.night("schedules/${schedule}"))],
        ),
    ]


def _pace(site: Site) -> list[AnyPanel]:
    return [
        dressed(
            buckets(),
            title="How long runs take",
            unit="s",
            size=(12, 9),
            empty="no run ended",
            text="Runs by duration; darker is more. A band that rises over weeks meets the deadline some day.",
            asked=[spread(f"matins_run_duration_seconds_bucket{MINE}")],
        ),
        dressed(
            buckets(),
            title="How long runs wait",
            unit="s",
            size=(12, 9),
            empty="no run started",
            text="From due to started, of windows that opened on time. Rising: the queue lacks workers, or an earlier "
            "schedule takes longer.",
            asked=[spread(f"matins_run_delay_seconds_bucket{MINE}")],
        ),
        dressed(
            lines(stacked=True),
            title="How runs end",
            unit="short",
            size=(8, 8),
            empty="no run ended",
            text="Runs that ended, by outcome. Given back ones were interrupted and start again; they are no failures.",
            asked=[
                query(f"sum by (outcome) (increase(matins_runs_total{MINE}[$__rate_interval]))", legend="{{outcome}}")
            ],
            links=runbooks(site, "RunsFailing"),
        ),
        dressed(
            lines(),
            title="Items in quarantine",
            unit="short",
            size=(8, 8),
            text="Items set aside so that the rest could be done; the next run takes them up. The night board names "
            "them.",
            asked=[query(f"max(matins_schedule_quarantined{MINE})", legend="items")],
            links=[("Schedule on the night board", site.night("schedules/${schedule}"))],
        ),
        dressed(
            rows(hidden=["Value"]),
            title="What it is",
            unit="short",
            size=(8, 8),
            empty="not in the catalog",
            text="Its queue, how loudly it is told, and how often it is due, as the running catalog has it.",
            asked=[at_once(f"max by (schedule, queue, criticality, cadence) (matins_schedule_info{MINE})", rows=True)],
        ),
    ]
