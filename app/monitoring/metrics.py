"""Every metric of the exporter, once: its name, its meaning and its labels, from a closed set.

A label's values are the code's own words (schedules, queues, states) or a tenant's schema name. What grows with time,
or comes from people or from an error, is none: Prometheus would keep a series for each, for ever.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

PREFIX = "matins_"
LABELS = frozenset(
    {
        "cadence",
        "component",
        "criticality",
        "outcome",
        "problem",
        "queue",
        "schedule",
        "state",
        "tenant",
        "version",
    }
)


@dataclass(frozen=True)
class Declared:
    """A metric that the exporter serves.

    Args:
        name: without the prefix.
        meaning: one sentence, shown beside it.
        labels: their names.
        counts: whether it only ever grows.
    """

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    counts: bool = False

    def of(self, samples: Iterable[tuple[Sequence[str], float]]) -> Metric:
        """Return the metric with a series for each (values of the labels, value)."""
        kind = CounterMetricFamily if self.counts else GaugeMetricFamily
        family = kind(PREFIX + self.name, self.meaning, labels=self.labels)
        for values, value in samples:
            family.add_metric(values, value)
        return family

    def alone(self, value: float) -> Metric:
        """Return the metric with its only series."""
        return self.of([((), value)])


SCAN_TIMESTAMP = Declared("scan_timestamp_seconds", "When the newest good scan of the ledger began.")
SCAN_DURATION = Declared("scan_duration_seconds", "How long that scan took.")
SCAN_ERRORS = Declared("scan_errors_total", "Scans that failed since the monitor started.", counts=True)
BACKLOG_ERRORS = Declared("backlog_errors_total", "Times that CloudWatch could not be told what waits.", counts=True)
DATABASE_UP = Declared("database_up", "Whether Postgres answered the newest scan.")
BROKER_UP = Declared("broker_up", "Whether the broker answered the newest look at the queues.")
BUILD_INFO = Declared("build_info", "What is deployed.", ("version", "component"))
TENANTS = Declared("tenants", "Tenants by status.", ("state",))
BEATS = Declared("beats", "Beats that ticked within 10 s.")
BEAT_TICK = Declared("beat_tick_timestamp_seconds", "Newest tick of any beat.")
SERIES_OMITTED = Declared(
    "series_omitted",
    "Series by tenant and schedule that are left out: problems beyond MATINS_PROBLEM_SERIES_MAX, and "
    "last successes where there are more tenants than MATINS_FULL_SERIES_TENANTS_MAX.",
)
CANARY_TIMESTAMP = Declared("canary_timestamp_seconds", "When a queue's last canary was done.", ("queue",))
CANARY_ROUND_TRIP = Declared(
    "canary_round_trip_seconds", "How long that canary took through broker, worker and database.", ("queue",)
)
QUEUE_MESSAGES = Declared("queue_messages", "Messages that wait in a queue, over all priorities.", ("queue",))
QUEUE_UNACKED = Declared("queue_unacked", "Messages that workers took and have not acknowledged.", ("queue",))
QUEUE_OLDEST = Declared(
    "queue_oldest_seconds", "Since when the oldest published run waits for a worker; 0 when none does.", ("queue",)
)
OUTBOX_MESSAGES = Declared("outbox_messages", "Outbox messages that are due and have not left.")
OUTBOX_OLDEST = Declared("outbox_oldest_seconds", "How long the oldest of them has been due; 0 when none is.")
SCHEDULE_INFO = Declared("schedule_info", "The catalog.", ("schedule", "queue", "criticality", "cadence"))
SCHEDULE_TENANTS = Declared(
    "schedule_tenants",
    "Tenants by the state of the schedule's newest due window, opened or not.",
    ("schedule", "state"),
)
SCHEDULE_PROBLEMS = Declared(
    "schedule_problems", "Tenants with a missed, overdue or failed run in any window.", ("schedule", "problem")
)
SCHEDULE_OLDEST_PROBLEM = Declared(
    "schedule_oldest_problem_seconds", "Since when the oldest such run was due; 0 when there is none.", ("schedule",)
)
SCHEDULE_UNOPENED = Declared(
    "schedule_windows_unopened", "Occurrences that are due and not in the ledger.", ("schedule",)
)
SCHEDULE_QUARANTINED = Declared(
    "schedule_quarantined", "Items that the runs of the newest window left out.", ("schedule",)
)
TENANT_PROBLEMS = Declared("tenant_problems", "Schedules in which an active tenant has a problem.", ("tenant",))
TENANT_SCHEDULE_LATE = Declared(
    "tenant_schedule_late_seconds",
    "Since when the oldest missed, overdue or failed run was due, while there is one.",
    ("tenant", "schedule", "queue", "criticality", "problem"),
)
TENANT_SCHEDULE_DEPENDENTS = Declared(
    "tenant_schedule_dependents", "Runs of the tenant that are blocked behind that one.", ("tenant", "schedule")
)
TENANT_SCHEDULE_SUCCESS = Declared(
    "tenant_schedule_success_timestamp_seconds",
    "Business time of the last success, with MATINS_TENANT_SERIES=full.",
    ("tenant", "schedule"),
)


def declared() -> Iterator[Declared]:
    """Yield every metric of this module."""
    return (one for one in globals().values() if isinstance(one, Declared))
