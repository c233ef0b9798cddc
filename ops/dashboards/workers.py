"""Workers: is every queue taken from, is the machinery well, what is deployed?"""

from grafana_foundation_sdk.builders import dashboard as builders

from ops.dashboards.frame import board, choice, data_source, furnish
from ops.dashboards.panels import AnyPanel, at_once, dressed, figure, lines, query, rows, runbooks
from ops.dashboards.site import Site

UID = "matins-workers"

MINE = '{queue=~"$queue"}'


def workers(site: Site) -> builders.Dashboard:
    """Return the dashboard of queues, workers and what watches them."""
    text = "Is every queue taken from, is the machinery well, what is deployed?"
    panels = [*_queues(site), *_flow(site), *_machinery(site)]
    frame = board(uid=UID, title="Matins / Workers", text=text, panels=panels)
    names = "label_values(matins_queue_messages, queue)"
    frame.with_variable(data_source(site))
    frame.with_variable(choice("queue", names, text="Queues, each with a worker service", everything=True))
    return furnish(frame, site)


def _queues(site: Site) -> list[AnyPanel]:
    limits = site.thresholds.platform
    return [
        dressed(
            figure(good_below=limits.canary_old.seconds),
            title="Newest canary",
            unit="s",
            size=(10, 4),
            text="How long ago a message last went through broker, worker and database, by queue.",
            asked=[at_once(f"time() - max by (queue) (matins_canary_timestamp_seconds{MINE})", legend="{{queue}}")],
            links=runbooks(site, "QueueStalled"),
        ),
        dressed(
            figure(good_from=1),
            title="Postgres, broker, beats",
            unit="short",
            size=(8, 4),
            text="1 where the monitor's newest scan got an answer, and the number of beats that tick. One beat is "
            "enough.",
            asked=[
                at_once("max(matins_database_up)", legend="Postgres"),
                at_once("max(matins_broker_up)", legend="broker", ref="B"),
                at_once("max(matins_beats)", legend="beats", ref="C"),
            ],
            links=runbooks(site, "DatabaseAway", "BrokerAway", "BeatDown", "BeatAbsent"),
        ),
        dressed(
            figure(good_below=site.thresholds.slow.outbox_due.seconds),
            title="Outbox",
            unit="s",
            size=(6, 4),
            text="How long the oldest mail or file has been due to leave.",
            asked=[at_once("max(matins_outbox_oldest_seconds)", legend="oldest")],
            links=runbooks(site, "OutboxStalled"),
        ),
        dressed(
            lines(),
            title="Messages",
            unit="short",
            size=(8, 14),
            text="Messages in the broker by queue: waiting, and taken but not acknowledged. A message only wakes a "
            "worker; lost ones are sent again.",
            asked=[
                query(f"max by (queue) (matins_queue_messages{MINE})", legend="{{queue}} waiting"),
                query(f"max by (queue) (matins_queue_unacked{MINE})", legend="{{queue}} taken", ref="B"),
            ],
            links=runbooks(site, "QueueStalled"),
        ),
        dressed(
            lines(),
            title="Oldest run not started",
            unit="s",
            size=(8, 14),
            text="Age of the oldest run that was published and that no worker has started. Rising while messages "
            "fall: few workers. Rising while nothing falls: none.",
            asked=[query(f"max by (queue) (matins_queue_oldest_seconds{MINE})", legend="{{queue}}")],
            links=runbooks(site, "QueueStalled"),
        ),
        dressed(
            lines(),
            title="Runs ended",
            unit="ops",
            size=(8, 14),
            empty="no run ended",
            text="Runs that ended a second, by queue.",
            asked=[
                query(
                    f"sum by (queue) ({_with_queue('rate(matins_runs_total[$__rate_interval])')})", legend="{{queue}}"
                )
            ],
            links=runbooks(site, "RunsFailing"),
        ),
    ]


def _flow(site: Site) -> list[AnyPanel]:
    longest = (
        "histogram_quantile(0.95, sum by (schedule, le) (rate(matins_run_duration_seconds_bucket[$__rate_interval])))"
    )
    return [
        dressed(
            lines(),
            title="Canary round trip",
            unit="s",
            size=(8, 8),
            text="How long the newest canary took from sent to done. It waits behind the queue's other work.",
            asked=[query(f"max by (queue) (matins_canary_round_trip_seconds{MINE})", legend="{{queue}}")],
            links=runbooks(site, "QueueStalled"),
        ),
        dressed(
            lines(stacked=True),
            title="How runs end",
            unit="short",
            size=(8, 8),
            empty="no run ended",
            text="Runs of the chosen queues that ended, by outcome. Many given back: workers are being replaced, or "
            "die.",
            asked=[
                query(
                    f"sum by (outcome) ({_with_queue('increase(matins_runs_total[$__rate_interval])')})",
                    legend="{{outcome}}",
                )
            ],
            links=runbooks(site, "RunsFailing"),
        ),
        dressed(
            lines(),
            title="Slowest runs by schedule",
            unit="s",
            size=(8, 8),
            empty="no run ended",
            text="What 95 of 100 runs of a schedule stayed below. Deadlines are an hour after due unless the catalog "
            "says more.",
            asked=[query(longest, legend="{{schedule}}")],
        ),
    ]


def _machinery(site: Site) -> list[AnyPanel]:
    return [
        dressed(
            lines(),
            title="Outbox messages due",
            unit="short",
            size=(6, 7),
            text="Mails and files that are due and have not left.",
            asked=[query("max(matins_outbox_messages)", legend="due")],
            links=runbooks(site, "OutboxStalled"),
        ),
        dressed(
            lines(),
            title="Scan of the ledger",
            unit="s",
            size=(6, 7),
            text="How long the monitor's scan took. Much longer than usual: Postgres is busy, or the catch-up age "
            "holds a lot.",
            asked=[query("max(matins_scan_duration_seconds)", legend="duration")],
            links=runbooks(site, "MonitoringBlind"),
        ),
        dressed(
            lines(),
            title="Scans that failed",
            unit="short",
            size=(6, 7),
            text="While they fail the monitor serves its last good scan, and lateness goes on growing. Not told: "
            "CloudWatch, by whose figures workers are scaled on AWS.",
            asked=[
                query("sum(increase(matins_scan_errors_total[$__rate_interval]))", legend="failed"),
                query("sum(increase(matins_backlog_errors_total[$__rate_interval]))", legend="not told", ref="B"),
            ],
            links=runbooks(site, "MonitoringBlind", "DatabaseAway"),
        ),
        dressed(
            lines(),
            title="Problems left out",
            unit="short",
            size=(6, 7),
            text="Runs with a problem beyond the cap of series. Above zero the tables are not complete; the counts "
            "are.",
            asked=[query("max(matins_series_omitted)", legend="left out")],
            links=runbooks(site, "SeriesOmitted"),
        ),
        dressed(
            rows(renamed={"Value": "processes"}),
            title="What is deployed",
            unit="short",
            size=(24, 7),
            text="Versions by component. Two versions of one component: a deployment is under way, or stopped "
            "half-way.",
            asked=[at_once("count by (component, version) (matins_build_info)", rows=True)],
        ),
    ]


def _with_queue(runs: str) -> str:
    """Return a query for runs that has their queue as a label, of the chosen queues only."""
    return f"{runs} * on (schedule) group_left (queue) max by (schedule, queue) (matins_schedule_info{MINE})"
