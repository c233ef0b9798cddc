"""The three Canvas workflows by hand, on a real worker and the real result backend."""

from datetime import date, timedelta

import pytest
from celery.canvas import Signature, _chain, _chord, group
from django_tenants.utils import schema_context

import workflows
from common.exceptions import TenantNotActiveError
from compliance.models import FindingChange, Rule
from compliance.services import record_status
from fees.models import Fee
from ledger.models import AccountingPeriod
from loans.models import Accrual
from portfolios.models import Portfolio
from portfolios.services import open_portfolio
from schedules.models import Run
from tenants.exceptions import UnknownTenantError
from tenants.services import suspend
from tests.integration.workflows.conftest import TODAY

PATIENCE_S = 60
YESTERDAY = TODAY - timedelta(days=1)


def result_of(canvas):
    return canvas.apply_async().get(timeout=PATIENCE_S)


def names(canvas):
    return [member.task for member in canvas.tasks]


# --- what they are made of ------------------------------------------------------------------------------------------


def test_the_end_of_day_is_a_chain_of_immutable_links_for_the_tenant():
    canvas = workflows.end_of_day("acme")
    assert isinstance(canvas, _chain)
    assert names(canvas) == [
        "ledger.tasks.update_period_statuses_task",
        "loans.tasks.check_promo_expirations",
        "loans.tasks.accrue_daily_interest",
        "delinquency.tasks.run_delinquency_engine",
        "fees.tasks.assess_late_fees",
        "casework.tasks.execute_dunning_schedules",
    ]
    assert {(link.args, str(link.kwargs), link.immutable) for link in canvas.tasks} == {(("acme",), "{}", True)}


def test_the_snapshots_are_a_group_over_the_portfolios_that_are_open(acme):
    with schema_context("acme"):
        open_portfolio(code="A", name="A", opened_on=date(2024, 1, 1))
        open_portfolio(code="B", name="B", opened_on=TODAY)  # Takes part from the next night on.
        there = list(Portfolio.objects.exclude(code="B").order_by("id").values_list("pk", flat=True))
    canvas = workflows.snapshot_portfolios("acme", TODAY)
    assert isinstance(canvas, group)
    assert set(names(canvas)) == {"portfolios.tasks.take_portfolio_snapshot"}
    assert [member.args for member in canvas.tasks] == [("acme", pk, "2024-02-20") for pk in there]
    assert all(member.immutable for member in canvas.tasks)


def test_the_compliance_check_is_a_chord_over_the_rules_that_are_active(acme):
    with schema_context("acme"):
        Rule.objects.filter(code="mla-rate-cap").update(active=False)
        active = list(Rule.objects.filter(active=True).order_by("code").values_list("pk", flat=True))
    canvas = workflows.compliance_check("acme")
    assert isinstance(canvas, _chord)
    assert [(one.task, one.args) for one in canvas.tasks] == [
        ("compliance.tasks.run_compliance_check", ("acme", pk)) for pk in active
    ]
    assert (canvas.body.task, canvas.body.args, canvas.body.kwargs["schema_name"]) == (
        "compliance.tasks.summarize_compliance",
        (),
        "acme",
    )


@pytest.mark.parametrize("make", [workflows.compliance_check, lambda name: workflows.snapshot_portfolios(name, TODAY)])
def test_what_looks_into_the_tenant_refuses_one_that_takes_no_part(acme, make):
    with pytest.raises(UnknownTenantError):
        make("nobody")
    suspend(schema_name="acme")
    with pytest.raises(TenantNotActiveError):
        make("acme")


# --- what they do ---------------------------------------------------------------------------------------------------


def test_an_end_of_day_does_what_the_night_would_have_done(working):
    result = workflows.end_of_day("acme").apply_async()
    result.get(timeout=PATIENCE_S)
    with schema_context("acme"):
        assert Accrual.objects.count() == (TODAY - date(2024, 1, 1)).days
        assert Fee.objects.get().assessed_on == date(2024, 2, 17)
        assert AccountingPeriod.objects.filter(starts_on=date(2024, 2, 1)).exists()
    assert result.parent.get() == {"fees": 1}
    assert Run.objects.count() == 0


def test_a_link_that_is_refused_ends_the_day(working):
    suspend(schema_name="acme")
    with pytest.raises(TenantNotActiveError):
        result_of(workflows.end_of_day("acme"))


def test_an_end_of_day_done_twice_is_done_once(working):
    for _ in range(2):
        result_of(workflows.end_of_day("acme"))
    with schema_context("acme"):
        assert (Accrual.objects.count(), Fee.objects.count()) == (50, 1)


def test_every_open_portfolio_has_its_snapshot_and_result(working):
    with schema_context("acme"):
        open_portfolio(code="A", name="A", opened_on=date(2024, 1, 1))
        count = Portfolio.objects.filter(opened_on__lt=TODAY).count()
    results = result_of(workflows.snapshot_portfolios("acme", TODAY))
    assert len(results) == count
    assert all(isinstance(one, dict) for one in results)


def test_no_portfolio_is_an_empty_group_with_a_result(working, monkeypatch):
    monkeypatch.setattr(workflows, "open_portfolios", lambda _day: Portfolio.objects.none())
    assert result_of(workflows.snapshot_portfolios("acme", TODAY)) == []


def test_a_chord_sums_up_what_its_checks_found(working):
    with schema_context("acme"):
        record_status(loan_number="L1", status="scra", since=date(2024, 2, 1), until=None, today=YESTERDAY)
        rules = Rule.objects.filter(active=True).count()
    canvas = workflows.compliance_check("acme")
    assert result_of(canvas) == {"rules": rules, "open": 1, "opened": 1, "raised": 0, "resolved": 0}
    again = result_of(workflows.compliance_check("acme"))
    assert again == {"rules": rules, "open": 1, "opened": 0, "raised": 0, "resolved": 0}
    with schema_context("acme"):
        assert [(one.what, one.business_date) for one in FindingChange.objects.all()] == [("opened", TODAY)]


@pytest.mark.parametrize("codes", [[], ["scra-rate-cap"]])
def test_a_chord_of_no_rule_or_one_is_summed_up_too(working, codes):
    """Celery makes a chain of a chord with one member, whose result then comes alone."""
    with schema_context("acme"):
        Rule.objects.exclude(code__in=codes).update(active=False)
    canvas = workflows.compliance_check("acme")
    assert isinstance(canvas, Signature)
    assert result_of(canvas)["rules"] == len(codes)


def test_a_rule_that_cannot_be_checked_is_told_with_the_sum(working):
    with schema_context("acme"):
        Rule.objects.filter(code="mla-rate-cap").update(parameters={})
        rules = Rule.objects.filter(active=True).count()
    result = result_of(workflows.compliance_check("acme"))
    assert result["rules"] == rules
    assert [item["key"] for item in result["quarantined"]] == ["mla-rate-cap"]


def test_no_task_of_a_workflow_ignores_its_result():
    tasks = [*workflows.END_OF_DAY, workflows.take_portfolio_snapshot]
    tasks += [workflows.run_compliance_check, workflows.summarize_compliance]
    assert [task.name for task in tasks if task.ignore_result] == []
