"""Overview: is it one tenant, one schedule or everything, and since when?"""

from grafana_foundation_sdk.builders import dashboard as builders

from ops.dashboards.frame import board, data_source, furnish
from ops.dashboards.panels import AnyPanel, at_once, dressed, figure, late_rows, lines, query, runbooks, squares
from ops.dashboards.site import Site

UID = "matins-overview"

ON_TIME = 'sum(increase(matins_runs_total{outcome="on_time"}[$__range]))'
ENDED = 'sum(increase(matins_runs_total{outcome=~"on_time|late|failed"}[$__range])) > 0'


def overview(site: Site) -> builders.Dashboard:
    """Return the dashboard on-call opens first."""
    panels = [*_now(site), *_where(site), *_since(site)]
    frame = board(
        uid=UID, title="Matins / Overview", text="Is it one tenant, one schedule or everything?", panels=panels
    )
    return furnish(frame.with_variable(data_source(site)), site)


def _now(site: Site) -> list[AnyPanel]:
    limits = site.thresholds
    return [
        dressed(
            figure(good_below=1),
            title="Problems now",
            unit="short",
            size=(8, 4),
            text="Runs that are missed, overdue or failed, in any window within the catch-up age. All zero: all is "
            "well.",
            asked=[
                at_once(
                    "sum by (problem) (max by (schedule, problem) (matins_schedule_problems))", legend="{{problem}}"
                )
            ],
            links=runbooks(site, "WindowMissed", "RunOverdue", "RunFailed", "ScheduleBroken"),
        ),
        dressed(
            figure(),
            title="Tenants",
            unit="short",
            size=(5, 4),
            text="Active tenants with a problem, and all active tenants. One: look at the tenant. Many: look at the "
            "schedule.",
            asked=[
                at_once("count(max by (tenant) (matins_tenant_problems) > 0) or vector(0)", legend="with a problem"),
                at_once('max(matins_tenants{state="active"})', legend="active", ref="B"),
            ],
            links=runbooks(site, "TenantBroken", "CoverageDropped"),
        ),
        dressed(
            figure(good_below=limits.platform.beat_silent.seconds),
            title="Signs of life",
            unit="s",
            size=(6, 4),
            text="How long ago a beat ticked and the ledger was scanned. When these grow, nothing else here can be "
            "believed.",
            asked=[
                at_once("time() - max(matins_beat_tick_timestamp_seconds)", legend="beat"),
                at_once("time() - max(matins_scan_timestamp_seconds)", legend="scan", ref="B"),
            ],
            links=runbooks(site, "BeatDown", "MonitoringBlind"),
        ),
        dressed(
            figure(good_from=1 - limits.slow.budget),
            title="On time",
            unit="percentunit",
            size=(5, 4),
            text="Share of the runs that ended in the time range shown which ended by their deadline. A run that "
            "never started is not among them; it is a problem.",
            asked=[at_once(f"{ON_TIME} / ({ENDED})")],
            empty="no run ended",
            links=runbooks(site, "OnTimeBudgetBurn"),
        ),
    ]


def _where(site: Site) -> list[AnyPanel]:
    seen = "max by (schedule, problem) (max_over_time(matins_schedule_problems[$__interval]))"
    return [
        dressed(
            squares(),
            title="Tenants with a problem, by schedule",
            unit="short",
            size=(24, 12),
            text="Red where tenants had a missed, overdue or failed run. A red row is one broken schedule; a red "
            "column is something they all need.",
            asked=[query(f"sum by (schedule) ({seen})", legend="{{schedule}}")],
            links=runbooks(site, "ScheduleBroken"),
        ),
        dressed(
            late_rows(""),
            title="What is wrong, the oldest first",
            unit="s",
            size=(24, 10),
            empty="nothing is wrong",
            text="Each missed, overdue or failed run, how long ago it was due, and how many of the tenant's runs wait "
            "behind it. Those are not listed themselves. At most 500 rows, pages before tickets; the figures above "
            "are complete.",
            links=runbooks(site, "WindowMissed", "RunOverdue", "RunFailed", "SeriesOmitted"),
        ),
    ]


def _since(site: Site) -> list[AnyPanel]:
    return [
        dressed(
            lines(stacked=True),
            title="Newest windows",
            unit="short",
            size=(12, 8),
            text="All schedules' tenants by the state of the newest due window. A night goes from waiting to "
            "succeeded.",
            asked=[query("sum by (state) (max by (schedule, state) (matins_schedule_tenants))", legend="{{state}}")],
        ),
        dressed(
            lines(),
            title="Oldest problem",
            unit="s",
            size=(12, 8),
            text="How long ago the oldest run with a problem was due. A line that climbs is nobody's work in progress.",
            asked=[query("max by (schedule) (matins_schedule_oldest_problem_seconds)", legend="{{schedule}}")],
            links=runbooks(site, "WindowMissed"),
        ),
        dressed(
            lines(),
            title="Windows not opened",
            unit="short",
            size=(8, 7),
            text="Occurrences that are due and not in the ledger. More than a moment: no beat opens them.",
            asked=[query("max by (schedule) (matins_schedule_windows_unopened)", legend="{{schedule}}")],
            links=runbooks(site, "WindowsUnopened", "BeatDown"),
        ),
        dressed(
            lines(),
            title="Items in quarantine",
            unit="short",
            size=(8, 7),
            text="Loans, cases or files that were set aside so that the rest could be done. The next night takes them "
            "up.",
            asked=[query("max by (schedule) (matins_schedule_quarantined)", legend="{{schedule}}")],
        ),
        dressed(
            lines(stacked=True),
            title="Tenants by status",
            unit="short",
            size=(8, 7),
            text="A sudden step down is a mass suspension: their runs are skipped, so nothing will look late.",
            asked=[query("max by (state) (matins_tenants)", legend="{{state}}")],
            links=runbooks(site, "CoverageDropped"),
        ),
    ]
