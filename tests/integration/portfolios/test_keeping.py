"""Portfolios by hand: commands, the admin's pages, and the night's jobs rehearsed."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django_tenants.utils import schema_context

from common import clock
from common.checksum import checksum
from common.rehearsal import rehearse
from portfolios.models import Membership, Portfolio, Rule, Snapshot, Total
from portfolios.moment import ASSIGNED, TAKEN
from portfolios.tasks import auto_assign_portfolios, create_portfolio_snapshots, take_portfolio_snapshot
from schedules.catalog import CATALOG
from tests.integration.payments.money import accrue, lend
from tests.integration.portfolios.kept import default, night, portfolio, rule

TODAY = date(2024, 1, 20)


@pytest.fixture
def acme(make_tenant):
    clock.set_to(datetime(2024, 1, 20, 12, tzinfo=UTC))
    schema_name = make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name
    with schema_context(schema_name):
        lend("L1")
        lend("L2", principal="900.00")
        accrue(TODAY)
    return schema_name


def run(capsys, *arguments):
    call_command(*arguments, "--tenant", "acme")
    return capsys.readouterr().out.strip()


def test_a_portfolio_and_its_rules_are_kept_by_commands(acme, capsys):
    assert run(capsys, "portfolio", "open", "fund", "--name", "Fund II", "--owner", "Ann") == (
        "fund: open from the next night on."
    )
    run(capsys, "portfolio", "open", "workout")
    several = ["--state", "CA", "--state", "NV", "--dpd-from", "3", "--dpd-through", "29", "--balance-from", "10.5"]
    assert run(capsys, "portfolio_rule", "set", "west", "--portfolio", "fund", *several).endswith(
        "west, version 1: loans go to fund."
    )
    run(capsys, "portfolio_rule", "set", "west", "--portfolio", "workout", "--priority", "7", "--state", "CA")
    run(capsys, "portfolio_rule", "set", "old", "--portfolio", "fund", "--originated-through", "2019-12-31")
    assert run(capsys, "portfolio_rule", "end", "old") == "old, version 1: its last night is that of 2024-01-20."
    assert run(capsys, "portfolio", "close", "fund") == "fund: closed after the night of 2024-01-20."
    with schema_context(acme):
        assert list(Portfolio.objects.values_list("code", "name", "owner", "opened_on", "closed_on"))[1:] == [
            ("fund", "Fund II", "Ann", TODAY, TODAY),
            ("workout", "workout", "", TODAY, None),
        ]
        rules = Rule.objects.order_by("id").values_list(
            "code", "version", "portfolio__code", "priority", "states", "dpd_from", "dpd_through", "balance_from",
            "originated_through", "since", "until",
        )  # fmt: skip
        assert list(rules) == [
            ("west", 1, "fund", 100, ["CA", "NV"], 3, 29, Decimal("10.50"), None, TODAY, TODAY),
            ("west", 2, "workout", 7, ["CA"], None, None, None, None, TODAY, None),
            ("old", 1, "fund", 100, [], None, None, None, date(2019, 12, 31), TODAY, TODAY),
        ]


def test_a_closed_portfolios_rules_end_with_it(acme, capsys):
    run(capsys, "portfolio", "open", "fund")
    run(capsys, "portfolio_rule", "set", "all", "--portfolio", "fund")
    run(capsys, "portfolio", "close", "fund")
    with schema_context(acme):
        assert Rule.objects.get().until == TODAY


def test_a_dry_run_keeps_nothing(acme, capsys):
    said = run(capsys, "portfolio", "open", "fund", "--dry-run")
    assert said == "Rehearsed only, nothing is kept: fund: open from the next night on."
    with schema_context(acme):
        assert Portfolio.objects.get() == default()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["portfolio", "open", "default"], "There is, or was, a portfolio default"),
        (["portfolio", "close", "default"], "default takes the loans that no rule names"),
        (["portfolio", "close", "ghost"], "There is no open portfolio ghost"),
        (["portfolio_rule", "set", "r"], "A rule names a portfolio: give --portfolio"),
        (["portfolio_rule", "set", "r", "--portfolio", "ghost"], "There is no open portfolio ghost"),
        (["portfolio_rule", "set", "r", "--portfolio", "default", "--product", "x"], "there is no product x"),
        (
            ["portfolio_rule", "set", "r", "--portfolio", "default", "--dpd-from", "9", "--dpd-through", "8"],
            "The rule r cannot be: an upper limit lies below its lower one",
        ),
        (["portfolio_rule", "end", "ghost"], "No rule ghost is in force"),
        (["correct_snapshots", "--date", "2024-01-21"], "2024-01-21 has not come yet"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(acme, capsys, arguments, message):
    with pytest.raises(CommandError, match=message):
        run(capsys, *arguments)


def test_the_jobs_rehearsed_count_what_they_would_do_and_keep_nothing(acme):
    with schema_context(acme):
        before = checksum()
    assert rehearse(auto_assign_portfolios, acme, business_date=TODAY) == {"loans": 2, "assigned": 2, "moved": 0}
    assert auto_assign_portfolios(acme, business_date="2024-01-20") == {"loans": 2, "assigned": 2, "moved": 0}
    with schema_context(acme):
        assigned = checksum()
    assert before != assigned
    assert rehearse(create_portfolio_snapshots, acme, business_date=TODAY) == {"loans": 2, "past_due": 0}
    with schema_context(acme):
        assert checksum() == assigned


def test_one_portfolio_is_taken_by_hand_and_a_night_is_corrected(acme, capsys):
    auto_assign_portfolios(acme, business_date="2024-01-20")
    with schema_context(acme):
        portfolio_id = default().pk
    assert take_portfolio_snapshot(acme, portfolio_id, "2024-01-20") == {"loans": 2, "written": 2}
    assert run(capsys, "correct_snapshots", "--date", "2024-01-20") == "0 of 2 snapshots of 2024-01-20 are new."


def test_what_is_done_by_hand_is_as_of_when_the_schedules_are_due():
    jobs = {"daily-portfolio-auto-assignment": ASSIGNED, "daily-portfolio-snapshots": TAKEN}
    assert {name: CATALOG[name].due_on(TODAY).time() for name in jobs} == jobs


@pytest.fixture
def books(make_tenant):
    schema_name = make_tenant("books").schema_name
    with schema_context(schema_name):
        yield


@pytest.mark.parametrize("model", [Portfolio, Rule, Membership, Snapshot, Total])
def test_nobody_changes_them_in_the_admin(books, model):
    lend("L1")
    portfolio("fund")
    rule("all", "fund")
    night(date(2024, 1, 3))
    request = RequestFactory().get("/")
    request.user = User(username="operator", is_staff=True, is_active=True, is_superuser=True)
    site = admin.site.get_model_admin(model)
    assert not site.has_add_permission(request)
    assert not site.has_change_permission(request)
    assert not site.has_delete_permission(request)
    listed = site.changelist_view(request).render()
    detail = site.changeform_view(request, str(model.objects.first().pk)).render()
    assert (listed.status_code, detail.status_code) == (200, 200)
