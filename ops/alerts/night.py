"""Alerts on the night itself: a run, one tenant's night, one schedule's night; and the quiet after a cause."""

from ops.alerts.building import AGE, COUNT, CRITICALITY, QUEUE, SCHEDULE, TENANT, Rule, alert, ask, consequence, record
from ops.alerts.thresholds import Thresholds

PROBLEMS = "schedule:matins_schedule_problems:sum"
OWN_PROBLEMS = "tenant:matins_tenant_schedule_late:count"
#: Causes whose backlog outlives them; those with a queue, schedule or tenant keep only its alerts quiet.
CAUSES = ("DatabaseAway", "BrokerAway", "BeatDown", "BeatAbsent", "MonitoringBlind")
NARROW_CAUSES = ("QueueStalled", "ScheduleBroken", "TenantBroken")


def recordings(at: Thresholds) -> list[Rule]:
    """Return problems by schedule, and by tenant those that page and are no part of a broken schedule."""
    own = 'group by (tenant, schedule) (matins_tenant_schedule_late_seconds{criticality="page"})'
    return [
        # Again, beside the alerts that read it: Prometheus evaluates groups in any order.
        record("night:matins_scan_age_seconds:min", "time() - max(matins_scan_timestamp_seconds)"),
        record(PROBLEMS, "sum by (schedule) (max by (schedule, problem) (matins_schedule_problems))"),
        record(
            OWN_PROBLEMS,
            f"count by (tenant) ({own} unless on (schedule) {PROBLEMS} >= {at.night.broken_tenants})",
        ),
    ]


def alerts(at: Thresholds) -> list[Rule]:
    """Return the alerts, widest first."""
    runs = [_run(at, *words) for words in _RUNS]
    return [_schedule_broken(at), _tenant_broken(at), *runs, _unopened(at), _catching_up(at)]


def _fresh(at: Thresholds) -> str:
    return f"and on () night:matins_scan_age_seconds:min < {at.night.fresh.seconds:g}"


def _schedule_broken(at: Thresholds) -> Rule:
    one = "max(matins_schedule_problems{schedule='%s',problem='PROBLEM'})"
    by_problem = ", ".join(
        f"{ask(one.replace('PROBLEM', problem), 'schedule')} {problem}" for problem in ("missed", "overdue", "failed")
    )
    tenants = ask("sum(max by (state) (matins_schedule_tenants{schedule='%s'}))", "schedule")
    oldest = ask("max(matins_schedule_oldest_problem_seconds{schedule='%s'})", "schedule", shown="humanizeDuration")
    return alert(
        "ScheduleBroken",
        expr=f"{PROBLEMS} * on (schedule) group_left (queue, criticality)"
        " group by (schedule, queue, criticality) (matins_schedule_info)"
        f" >= {at.night.broken_tenants} {_fresh(at)}",
        keep=at.night.keep,
        severity=CRITICALITY,
        scope="schedule",
        summary="One schedule has problems for many tenants",
        text=f"{SCHEDULE} (queue {QUEUE}) has a problem for {COUNT} of {tenants} tenants: {by_problem}."
        f" The oldest was due {oldest} ago. Look for one cause: the newest deployment, the job's own log.",
        ignored=consequence(at),
        dashboard=f"matins-schedule?var-schedule={SCHEDULE}",
        thresholds=at,
    )


def _tenant_broken(at: Thresholds) -> Rule:
    own = f"{OWN_PROBLEMS} >= {at.night.broken_schedules}"
    listed = "max by (schedule) (matins_tenant_schedule_late_seconds{tenant='%s'})"
    schedules = (
        f'{{{{ range $i, $one := query (printf "{listed}" $labels.tenant) | sortByLabel "schedule" }}}}'
        "{{ if $i }}, {{ end }}{{ $one.Labels.schedule }}{{ end }}"
    )
    return alert(
        "TenantBroken",
        expr=f"{own} and on () count({own}) <= {at.night.broken_at_once} {_fresh(at)}",
        keep=at.night.keep,
        severity="page",
        scope="tenant",
        summary="One tenant has problems in several schedules",
        text=f"{TENANT} has problems of its own in {COUNT} schedules, other tenants have not. Look for one cause: its"
        f" schema, its data, its settings. All that has a problem there: {schedules}.",
        ignored="the tenant's night is not done: books stand still, payments and notices leave late.",
        dashboard=f"matins-tenant?var-tenant={TENANT}",
        thresholds=at,
    )


_RUNS = (
    ("WindowMissed", "missed", "A tenant's window was missed", "has not started {}, due {} ago"),
    ("RunFailed", "failed", "A tenant's run has failed", "could not do {}, due {} ago: every attempt failed"),
    ("RunOverdue", "overdue", "A tenant's run goes on past its deadline", "is still busy with {}, due {} ago"),
)


def _run(at: Thresholds, name: str, problem: str, summary: str, words: str) -> Rule:
    behind = ask("max(matins_tenant_schedule_dependents{tenant='%s',schedule='%s'})", "tenant", "schedule")
    others = ask(f"{PROBLEMS}{{schedule='%s'}} - 1", "schedule")
    return alert(
        name,
        expr="max by (tenant, schedule, queue, criticality)"
        f' (matins_tenant_schedule_late_seconds{{problem="{problem}"}}) {_fresh(at)}',
        hold=at.night.overdue_for if problem == "overdue" else None,
        keep=at.night.keep,
        severity=CRITICALITY,
        scope="run",
        summary=summary,
        text=f"{TENANT} {words.format(SCHEDULE, AGE)} (queue {QUEUE}). Runs of {TENANT} blocked behind this root:"
        f" {behind}. Other tenants with a problem in this schedule: {others}.",
        ignored=consequence(at),
        dashboard=f"matins-tenant?var-tenant={TENANT}&var-schedule={SCHEDULE}",
        thresholds=at,
    )


def _unopened(at: Thresholds) -> Rule:
    return alert(
        "WindowsUnopened",
        expr=f"max by (schedule) (matins_schedule_windows_unopened) > 0 {_fresh(at)}",
        hold=at.night.unopened_for,
        severity="ticket",
        scope="schedule",
        summary="Beats tick, and a due window is not opened",
        text=f"{COUNT} due windows of {SCHEDULE} are not in the ledger, although a beat ticks: its catalog may differ"
        " from the registered one.",
        ignored=consequence(at),
        dashboard=f"matins-schedule?var-schedule={SCHEDULE}",
        thresholds=at,
    )


def _catching_up(at: Thresholds) -> Rule:
    names = "|".join([*CAUSES, *NARROW_CAUSES])
    return alert(
        "CatchingUp",
        expr="group by (cause, queue, schedule, tenant) (label_replace(max_over_time("
        f'ALERTS{{alertname=~"{names}",alertstate="firing"}}[{at.night.catching_up}]),'
        ' "cause", "$1", "alertname", "(.*)"))',
        severity="none",
        scope="quiet",
        summary="The night makes up for a cause that was told",
        text="{{ $labels.cause }} was told, and is true or was a moment ago. What it leaves behind is not told again.",
        ignored="nothing. What is still wrong when this ends is told on its own.",
        dashboard="matins-overview",
        thresholds=at,
    )
