"""Alerts on what can wait for the morning: early signs, slow losses, and what the alerts themselves cannot show."""

from ops.alerts.building import AGE, COUNT, SCHEDULE, SHARE, Rule, alert, ask, record
from ops.alerts.thresholds import Thresholds

OVERVIEW = "matins-overview"
SHORT, LONG = "matins:runs_off_time:ratio_short", "matins:runs_off_time:ratio_long"
FAILED = "schedule:matins_runs_failed:increase"
ENDED = "on_time|late|failed"


def recordings(at: Thresholds) -> list[Rule]:
    """Return shares of runs: failed by schedule, and off time in the whole fleet."""
    slow = at.slow
    return [
        record(FAILED, f'sum by (schedule) (increase(matins_runs_total{{outcome="failed"}}[{slow.failing_over}]))'),
        record(SHORT, _off_time(slow.budget_short)),
        record(LONG, _off_time(slow.budget_long)),
    ]


def _off_time(over: object) -> str:
    bad = f'sum(increase(matins_runs_total{{outcome=~"late|failed"}}[{over}]))'
    return f'{bad} / sum(increase(matins_runs_total{{outcome=~"{ENDED}"}}[{over}]))'


def alerts(at: Thresholds) -> list[Rule]:
    """Return the alerts; all of them are tickets."""
    return [_failing(at), _budget(at), _coverage(at), _omitted(at), _outbox(at), _notifications(at)]


def _failing(at: Thresholds) -> Rule:
    slow = at.slow
    ended = f'sum by (schedule) (increase(matins_runs_total{{outcome=~"{ENDED}"}}[{slow.failing_over}]))'
    return alert(
        "RunsFailing",
        expr=f"{FAILED} / {ended} > {slow.failing_share} and {FAILED} >= {slow.failing_runs}",
        hold=slow.failing_for,
        severity="ticket",
        scope="schedule",
        summary="Many runs of one schedule fail",
        text=f"{SHARE} of the runs of {SCHEDULE} that ended in the last {slow.failing_over} failed.",
        ignored="those that use up their attempts stop their tenant's line, and are told one by one.",
        dashboard=f"matins-schedule?var-schedule={SCHEDULE}",
        thresholds=at,
    )


def _budget(at: Thresholds) -> Rule:
    slow = at.slow
    ended = f'sum(increase(matins_runs_total{{outcome=~"{ENDED}"}}[{slow.budget_short}]))'
    return alert(
        "OnTimeBudgetBurn",
        expr=f"{LONG} > {slow.budget} and {SHORT} > {slow.budget} and {ended} >= {slow.budget_runs}",
        hold=slow.budget_for,
        severity="ticket",
        scope="fleet",
        summary="More runs are late or fail than the objective allows",
        text=f"{SHARE} of all runs of the last {slow.budget_long} were late or failed; {slow.budget:.1%} is allowed.",
        ignored="tenants see late books more often than was promised to them.",
        dashboard=OVERVIEW,
        thresholds=at,
    )


def _coverage(at: Thresholds) -> Rule:
    slow = at.slow
    now = 'max(matins_tenants{state="active"})'
    before = f'max(matins_tenants{{state="active"}} offset {slow.coverage_over})'
    return alert(
        "CoverageDropped",
        expr=f"({before} - {now}) >= {slow.coverage_tenants} and {now} < {slow.coverage_share} * {before}",
        hold=slow.coverage_for,
        severity="ticket",
        scope="fleet",
        summary="Many tenants take no part any more",
        text=f"{COUNT} active tenants fewer than {slow.coverage_over} ago; what is suspended has no alerts of its own.",
        ignored="their books stand still, and nothing else will say so.",
        dashboard=OVERVIEW,
        thresholds=at,
    )


def _omitted(at: Thresholds) -> Rule:
    return alert(
        "SeriesOmitted",
        expr="max(matins_series_omitted) > 0",
        hold=at.slow.omitted_for,
        severity="ticket",
        scope="fleet",
        summary="More problems than are shown one by one",
        text=f"{COUNT} problems of tenants are beyond the monitor's cap; only the counts by schedule are complete.",
        ignored="nothing is hidden from the alerts on schedules; the tables of tenants are incomplete.",
        dashboard=OVERVIEW,
        thresholds=at,
    )


def _outbox(at: Thresholds) -> Rule:
    return alert(
        "OutboxStalled",
        expr=f"max(matins_outbox_oldest_seconds) > {at.slow.outbox_due.seconds:g}",
        hold=at.slow.outbox_for,
        severity="ticket",
        scope="fleet",
        summary="Messages do not leave",
        text=f"The oldest message of the outbox has been due for {AGE}. Messages due:"
        f" {ask('max(matins_outbox_messages)')}.",
        ignored="notices and ACH files leave late; a file after the bank's cut-off debits a day later.",
        dashboard=OVERVIEW,
        thresholds=at,
    )


def _notifications(at: Thresholds) -> Rule:
    failed = f"max by (integration) (increase(alertmanager_notifications_failed_total[{at.slow.notify_over}]))"
    return alert(
        "NotificationsFailing",
        expr=f"{failed} > 0",
        hold=at.slow.notify_for,
        severity="ticket",
        scope="platform",
        summary="Alertmanager cannot deliver",
        text="Alertmanager fails to deliver through {{ $labels.integration }}.",
        ignored="a page reaches nobody.",
        dashboard=OVERVIEW,
        thresholds=at,
    )
