"""How many series there are: constant for the schedules, one for a tenant, and by both only what is wrong, capped."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from monitoring.checks import check_tenant_series
from monitoring.serving import Monitor
from schedules import sql
from schedules.catalog import CATALOG, Catalog, Criticality
from schedules.models import Run
from schedules.opening import open_due
from tests.integration.monitoring.scrapes import scraped
from tests.nightjobs.catalog import FIRST, NIGHTLY, PARENT, SECOND, THIRD
from tests.stage import EVE, at, utc

TENANTS = 10_000


@pytest.fixture
def monitor(night):
    return Monitor()


def many_tenants(count):
    sql.execute(
        """INSERT INTO public.tenants_tenant (schema_name, name, status, enabled_at)
           SELECT 'tenant_' || n, 'Tenant ' || n, 'active', %(at)s FROM generate_series(1, %(n)s) AS n""",
        {"n": count, "at": EVE - timedelta(days=100)},
    )


def test_ten_thousand_tenants_with_every_schedule_missed_stay_within_the_budget(deployed, monitor):
    many_tenants(TENANTS)
    deployed(CATALOG)
    at(9)  # Nobody opened any window. All are past their deadline, but Metro 2, which is due now.
    scrape = scraped(monitor)
    by_tenant = {name for name, _ in scrape if name.startswith("tenant_")}
    assert sum(name not in by_tenant for name, _ in scrape) <= 2_500
    assert sum(name == "tenant_problems" for name, _ in scrape) == TENANTS
    assert sum(name == "tenant_schedule_late_seconds" for name, _ in scrape) == 500
    assert sum(name == "tenant_schedule_dependents" for name, _ in scrape) == 500
    assert scrape.one("series_omitted") == TENANTS * (len(CATALOG.schedules) - 1) - 500


def test_what_pages_is_told_first_and_then_the_oldest(deployed, monitor, make_tenant):
    quiet = replace(FIRST, criticality=Criticality.TICKET)
    deployed(Catalog((quiet, SECOND, THIRD, PARENT)))
    for name in ("acme", "beta"):
        make_tenant(name)
    at(4)
    with override_settings(MATINS_PROBLEM_SERIES_MAX=3):
        scrape = scraped(monitor)
    told = [pairs for name, pairs in scrape if name == "tenant_schedule_late_seconds"]
    assert [(dict(pairs)["schedule"], dict(pairs)["tenant"]) for pairs in told] == [
        ("daily-second", "acme"),
        ("daily-second", "beta"),
        ("daily-third", "acme"),
    ]
    assert scrape.one("series_omitted") == 5


def test_every_label_is_of_the_closed_set_and_every_value_a_name(nightly, monitor):
    from monitoring.metrics import LABELS

    at(4)
    open_due()
    Run.objects.filter(window__schedule="daily-parent").update(state="failed", reason="Karl Marx owes 17 dollars")
    pairs = {pair for _, pairs in scraped(monitor) for pair in pairs}
    assert {label for label, _ in pairs} <= LABELS
    assert {value for label, value in pairs if label == "tenant"} == {"acme", "beta"}
    assert {value for label, value in pairs if label == "schedule"} == {schedule.name for schedule in NIGHTLY}
    # Neither a run's id, nor a date, nor an error's words are any label's value.
    assert not [value for _, value in pairs if any(mark in value for mark in " :@") or value[0].isdigit()]


def full(most):
    return override_settings(MATINS_TENANT_SERIES="full", MATINS_FULL_SERIES_TENANTS_MAX=most)


def successes(scrape):
    return {
        (dict(p)["tenant"], dict(p)["schedule"]): v
        for (n, p), v in scrape.items()
        if n.endswith("success_timestamp_seconds")
    }


def test_the_last_success_is_told_when_it_is_asked_for(nightly, monitor):
    for day in (1, 2):
        open_due(utc(day, 1))
        Run.objects.filter(window__due_at=utc(day, 1)).update(state="succeeded", finished_at=utc(day, 1, 5))
    Run.objects.filter(window__due_at=utc(2, 1), tenant__schema_name="beta").update(state="ready")
    at(1, 30, day=2)
    assert successes(scraped(monitor)) == {}
    with full(2):
        assert successes(scraped(monitor)) == {
            ("acme", "daily-first"): utc(2, 1, 5).timestamp(),
            ("beta", "daily-first"): utc(1, 1, 5).timestamp(),
        }


def test_last_successes_are_left_out_and_counted_when_there_are_more_tenants_than_allowed(
    nightly, monitor, make_tenant
):
    open_due(utc(1, 1))
    Run.objects.update(state="succeeded", finished_at=utc(1, 1, 5))
    at(1, 30)
    with full(2):
        assert len(successes(scraped(monitor))) == 2
        make_tenant("gamma")
        scrape = scraped(monitor)
    assert (successes(scrape), scrape.one("series_omitted")) == ({}, 3 * len(NIGHTLY.schedules))


def test_full_series_for_too_many_tenants_are_refused_by_the_check_and_the_command(nightly):
    text = "MATINS_TENANT_SERIES=full is for up to 1 active tenants, and there are 2: leave it out, or raise "
    with full(1):
        (found,) = check_tenant_series(databases=["default"])
        assert (found.id, found.msg.startswith(text)) == ("monitoring.E004", True)
        with pytest.raises(CommandError, match=r"^MATINS_TENANT_SERIES=full is for up to 1 active tenants"):
            call_command("serve_metrics", port=0)
    with full(2):
        assert check_tenant_series(databases=["default"]) == []
