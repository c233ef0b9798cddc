"""Alerts on what every schedule stands on: database, broker, beats, workers, and the monitor itself."""

from ops.alerts.building import AGE, QUEUE, Rule, alert, ask, record
from ops.alerts.thresholds import Thresholds

OVERVIEW = "matins-overview"


def recordings() -> list[Rule]:
    """Return how long each part has been silent, and where runs are running."""
    return [
        record("matins:beat_silence_seconds:min", "time() - max(matins_beat_tick_timestamp_seconds)"),
        record("matins:scan_age_seconds:min", "time() - max(matins_scan_timestamp_seconds)"),
        record("queue:matins_canary_age_seconds:min", "time() - max by (queue) (matins_canary_timestamp_seconds)"),
        record(
            "queue:matins_schedule_tenants_running:sum",
            'sum by (queue) (max by (schedule, state) (matins_schedule_tenants{state=~"running|overdue"})'
            " * on (schedule) group_left (queue) group by (schedule, queue) (matins_schedule_info))",
        ),
    ]


def alerts(at: Thresholds) -> list[Rule]:
    """Return the alerts, strongest cause first."""
    return [*_away(at), *_beats(at), *_queues(at), _blind(at), _watchdog(at)]


def _away(at: Thresholds) -> list[Rule]:
    common = {"severity": "page", "scope": "platform", "hold": at.platform.away_for, "keep": at.platform.keep}
    return [
        alert(
            "DatabaseAway",
            expr="max(matins_database_up) == 0",
            summary="Postgres does not answer",
            text="Postgres does not answer the monitor. No window opens, no run starts, no run ends.",
            ignored="every schedule misses its deadline; what is due is caught up once Postgres is back.",
            dashboard=OVERVIEW,
            thresholds=at,
            **common,
        ),
        alert(
            "BrokerAway",
            expr="max(matins_broker_up) == 0",
            summary="The broker does not answer",
            text="The broker does not answer the monitor. Windows open, but no worker is told of its runs.",
            ignored="every schedule misses its deadline; nothing is lost, the ledger sends all of it again.",
            dashboard="matins-workers",
            thresholds=at,
            **common,
        ),
    ]


def _beats(at: Thresholds) -> list[Rule]:
    return [
        alert(
            "BeatDown",
            expr=f"matins:beat_silence_seconds:min > {at.platform.beat_silent.seconds:g}",
            hold=at.platform.beat_for,
            keep=at.platform.keep,
            severity="page",
            scope="platform",
            summary="No beat ticks",
            text=f"No beat has ticked for {AGE}. No window opens, no retry goes out, no dead worker's run comes back.",
            ignored="every schedule due from now on misses its deadline, for every tenant.",
            dashboard=OVERVIEW,
            thresholds=at,
        ),
        alert(
            "BeatAbsent",
            expr='absent(matins_beat_tick_timestamp_seconds) and on () up{job="matins-monitor"} == 1',
            hold=at.platform.beat_absent_for,
            severity="page",
            scope="platform",
            summary="No beat has ever ticked",
            text="The monitor runs, and no beat has ever ticked on this database: the deployment is not complete.",
            ignored="no window ever opens.",
            dashboard=OVERVIEW,
            thresholds=at,
        ),
    ]


def _queues(at: Thresholds) -> list[Rule]:
    waiting = ask("max(matins_queue_messages{queue='%s'})", "queue", otherwise="unknown")
    return [
        alert(
            "QueueStalled",
            # Where every process is busy with a long run, a canary has to wait: that is no stall.
            expr=f"queue:matins_canary_age_seconds:min > {at.platform.canary_old.seconds:g}"
            " unless on (queue) queue:matins_schedule_tenants_running:sum > 0",
            hold=at.platform.canary_for,
            keep=at.platform.keep,
            severity="page",
            scope="platform",
            summary="A queue's workers take nothing",
            text=f"No canary has come through queue {QUEUE} for {AGE}, and nothing runs there. Messages: {waiting}.",
            ignored=f"every schedule of queue {QUEUE} misses its deadline, for every tenant.",
            dashboard=f"matins-workers?var-queue={QUEUE}",
            thresholds=at,
        )
    ]


def _blind(at: Thresholds) -> Rule:
    return alert(
        "MonitoringBlind",
        expr='group(absent(up{job="matins-monitor"} == 1))'
        f" or matins:scan_age_seconds:min > {at.platform.scan_old.seconds:g}",
        hold=at.platform.blind_for,
        keep=at.platform.keep,
        severity="page",
        scope="platform",
        summary="The night cannot be seen",
        text="The monitor does not answer, or its scans of the ledger fail. Schedules may well run; nobody can tell.",
        ignored="a missed window raises no alert.",
        dashboard=OVERVIEW,
        thresholds=at,
    )


def _watchdog(at: Thresholds) -> Rule:
    return alert(
        "Watchdog",
        expr="vector(1)",
        severity="none",
        scope="platform",
        summary="The alerts work",
        text="Always firing. A receiver outside tells somebody when it stops coming.",
        ignored="nothing. If it stops coming, Prometheus or Alertmanager is down, and every other alert with it.",
        dashboard=OVERVIEW,
        thresholds=at,
    )
