"""From the ledger to the pager: what is wrong with runs, tenants and schedules is told once, and in these words.

Postgres, broker, beat, workers, monitor, Prometheus and Alertmanager are the real ones; only durations are shorter.
"""

import re

import pytest
from django.core.management import call_command

from schedules.models import Run
from tenants.models import Tenant
from tests.nightjobs import orders
from tests.ops.tools import need
from tests.stage import EVE

pytestmark = [need("prometheus", "prometheus-alertmanager"), pytest.mark.timeout(600)]


def done(schedule, tenant):
    runs = Run.objects.filter(window__schedule=schedule, tenant__schema_name=tenant, state="succeeded")
    return runs.exists


def text(message):
    """Return what a message says, its seconds aside."""
    (alert,) = message["alerts"]
    told = alert["annotations"]
    parts = ("summary", "description", "consequence", "runbook_url", "dashboard_url", "board_url")
    return re.sub(r"\b[\d.]+s ago", "?s ago", "\n".join(told[part] for part in parts))


def test_one_missed_window_is_one_message(watched, make_tenant, start):
    sky = watched("SHORT", ready=lambda: [make_tenant("acme"), make_tenant("beta")])
    start("beat", env=sky.env)
    sky.at(1, seconds=2)
    runs = Run.objects.filter(window__schedule="daily-first", tenant__schema_name="acme")
    sky.wait(runs.exists, what="the window")
    runs.update(not_before="2100-01-01T00:00Z")  # A rest without an end.
    start("worker", env=sky.env)
    sky.wait(done("daily-first", "beta"), what="beta's run")
    sky.at(1, 10, seconds=2)
    sky.wait(done("daily-second", "beta"), what="beta's next run")
    sky.at(1, 29, seconds=58)
    sky.wait_for_page("WindowMissed")
    sky.let_pass(2 * sky.thresholds.night.overdue_for.seconds)
    assert sky.pages() == ["WindowMissed"]
    assert sky.tickets() == []
    assert text(sky.inbox.firing("pager")[0]) == (
        "A tenant's window was missed\n"
        "acme has not started daily-first, due 30m ?s ago (queue money). Runs of acme blocked behind this root: 1."
        " Other tenants with a problem in this schedule: 0.\n"
        "If ignored: ask the owner of the job what its delay costs.\n"
        "https://runbooks.example.com/WindowMissed.md\n"
        "https://grafana.example.com/d/matins-tenant?var-tenant=acme&var-schedule=daily-first\n"
        "https://matins.example.com/night/tenants/acme"
    )


def test_a_failed_run_is_told_at_once_and_its_dependents_never(watched, make_tenant, start):
    orders.give("acme", "first", "start", "raise no such loan")
    sky = watched("SHORT", ready=lambda: [make_tenant("acme"), make_tenant("beta")])
    start("beat", env=sky.env)
    start("worker", env=sky.env)
    sky.at(1, seconds=2)
    sky.wait_for_page("RunFailed")
    sky.at(1, 10, seconds=2)
    sky.wait(done("daily-second", "beta"), what="beta's next run")
    sky.at(3)  # Past the deadlines of both.
    sky.let_pass(2 * sky.thresholds.night.overdue_for.seconds)
    assert sky.pages() == ["RunFailed"]
    assert sky.tickets() == []
    assert "acme could not do daily-first, due ?s ago: every attempt failed" in text(sky.inbox.firing("pager")[0])
    assert sky.firing() == ["RunFailed"]


def test_one_schedule_broken_for_300_tenants_is_one_page_also_while_it_recovers(watched, start, night):
    sky = watched("ALONE", ready=lambda: without_schemas(300))
    start("beat", env=sky.env)
    start("worker", env=sky.env)
    sky.at(1, seconds=2)
    sky.wait_for_page("ScheduleBroken")
    sky.wait(lambda: Run.objects.filter(state="failed").count() == 300, what="all runs to fail")
    sky.let_pass(sky.thresholds.night.keep.seconds)
    call_command("skip", "daily-first", "2024-07-01", reason="tests", tenant=[f"t{n}" for n in range(295)])
    sky.let_pass(2 * sky.thresholds.night.keep.seconds)
    assert sky.firing() == ["RunFailed"] * 5
    assert sky.pages() == ["ScheduleBroken"]
    assert sky.tickets() == []


def without_schemas(number):
    """Make tenants whose schema is missing, so that every run of theirs fails."""
    tenants = [Tenant(schema_name=f"t{n}", name=f"T {n}", status="active", enabled_at=EVE) for n in range(number)]
    Tenant.objects.bulk_create(tenants)


def test_one_broken_tenant_is_one_page(watched, make_tenant, start):
    for job in ("first", "left", "right"):
        orders.give("acme", job, "start", "raise no such column")
    sky = watched("WIDE", ready=lambda: [make_tenant("acme"), make_tenant("beta")])
    start("beat", env=sky.env)
    start("worker", env=sky.env)
    sky.at(1, seconds=2)
    sky.wait_for_page("TenantBroken")
    sky.let_pass(1.2 * sky.thresholds.routing.interval.seconds)
    assert sky.firing() == ["RunFailed"] * 3 + ["TenantBroken"]
    assert sky.pages() == ["TenantBroken"]
    assert sky.tickets() == []
