"""Rules, monitors, statuses, disputes, licences and liens as operators type them."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django_tenants.utils import schema_context

from common import clock
from compliance.models import Continuation, Dispute, Engine, Licence, Lien, Report, Rule, Severity
from tests.integration.payments.money import lend

VARIABLE = "MATINS_ENGINE_TOKEN_WATCH"
X = "https://x.example/"


@pytest.fixture
def acme(make_tenant):
    clock.set_to(datetime(2024, 5, 1, 12, tzinfo=UTC))
    schema_name = make_tenant("acme", enabled_at=datetime(2023, 1, 1, tzinfo=UTC)).schema_name
    with schema_context(schema_name):
        lend("L1")
    return schema_name


@pytest.fixture
def run(acme, capsys):
    """Return a function that runs a command for the tenant and returns what it says."""

    def run_one(*arguments):
        call_command(*arguments, "--tenant", acme)
        return capsys.readouterr().out.strip()

    return run_one


def there(model, *columns):
    with schema_context("acme"):
        return list(model.objects.order_by("id").values_list(*columns))


def test_a_rule_is_added_changed_and_turned_off(run):
    said = "ny (state licence, medium, warn_days=30, states=['NY']) is checked."
    new = ["define_rule", "ny", "--kind", "state licence", "--set", "warn_days=30", "--set", "states=NY"]
    assert run(*new, "--dry-run") == f"Rehearsed only, nothing is kept: {said}"
    assert run(*new) == said
    assert run("define_rule", "ny", "--severity", "critical") == said.replace("medium", "critical")
    assert run("define_rule", "ny", "--off").endswith("is off.")
    with schema_context("acme"):
        rule = Rule.objects.get(code="ny")
    assert (rule.severity, rule.active) == (Severity.CRITICAL, False)
    assert rule.parameters == {"warn_days": 30, "states": ["NY"]}


def test_a_monitor_is_added_and_its_token_is_not(run):
    added = ["define_engine", "watch", "https://monitor.example/v1/events", "--token-variable", VARIABLE]
    assert run(*added) == "watch at https://monitor.example/v1/events is asked every night."
    assert run(*added, "--off") == "watch at https://monitor.example/v1/events is off."
    assert there(Engine, "code", "token_variable", "active", "rule__kind") == [("watch", VARIABLE, False, "reported")]


def test_a_status_begins_and_ends(run):
    assert run("borrower_status", "L1", "scra", "--from", "2024-04-01") == "L1 is scra from 2024-04-01."
    assert run("borrower_status", "L1", "scra", "--until", "2024-04-30") == (
        "L1 is scra from 2024-04-01 until 2024-04-30."
    )
    assert [until for (until,) in there(Report, "until")] == [None, date(2024, 4, 30)]


def test_a_dispute_is_opened_and_answered(run):
    assert run("dispute", "D1", "--loan", "L1", "--received", "2024-04-01") == (
        "D1 about L1 is to be answered by 2024-05-01."
    )
    assert run("dispute", "D1", "--answered", "2024-04-20") == "D1 is answered on 2024-04-20."
    assert there(Dispute, "due_on", "answered_on") == [(date(2024, 5, 1), date(2024, 4, 20))]


def test_a_licence_is_entered(run):
    assert run("licence", "CA", "60DBO", "--from", "2024-01-01", "--until", "2024-12-31") == (
        "licensed: CA 60DBO until 2024-12-31."
    )
    assert there(Licence, "state", "starts_on") == [("CA", date(2024, 1, 1))]


def test_a_liens_life(run):
    filed = ["lien", "file", "UCC-1", "--loan", "L1", "--on", "2020-03-10", "--collateral", "a tractor"]
    assert run(*filed) == "UCC-1 is filed 2020-03-10."
    assert run("lien", "continue", "UCC-1", "--on", "2024-09-10") == "UCC-1 is continued 2024-09-10."
    assert run("lien", "insure", "UCC-1", "--on", "2024-12-31") == "UCC-1 is insured until 2024-12-31."
    assert run("lien", "release", "UCC-1", "--on", "2025-02-01") == "UCC-1 is released 2025-02-01."
    assert run("lien", "file", "T-1", "--loan", "L1", "--kind", "title") == "T-1 is filed on a title."
    assert there(Lien, "reference", "kind", "insured_until", "released_on") == [
        ("UCC-1", "ucc", date(2024, 12, 31), date(2025, 2, 1)),
        ("T-1", "title", None, None),
    ]
    assert there(Continuation, "filed_on") == [(date(2024, 9, 10),)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["define_rule", "new"], "no kind of rule that can be defined"),
        (["define_rule", "scra-rate-cap", "--set", "max_rate=6"], "max_rate: Input should be less than"),
        (["define_rule", "scra-rate-cap", "--set", "max_rate"], "is not like max_rate=0.06"),
        (["define_engine", "w", "ftp://x.example/", "--token-variable", VARIABLE], "https://host/path"),
        (["define_engine", "w", "https://u:p@x.example/", "--token-variable", VARIABLE], "without user or query"),
        (
            ["define_engine", "w", X, "--token-variable", "SECRET_KEY"],
            "is to be named MATINS_ENGINE",
        ),
        (["define_engine", "w", X, "--token-variable", f"{VARIABLE}\n"], "is to be named"),
        (
            ["define_engine", "scra-rate-cap", X, "--token-variable", VARIABLE],
            "a rule has that code",
        ),
        (["borrower_status", "L9", "scra", "--from", "2024-04-01"], "There is no loan L9"),
        (["borrower_status", "L1", "scra"], "Give --from"),
        (["borrower_status", "L1", "scra", "--until", "2024-04-01"], "nobody here said that it is scra"),
        (["borrower_status", "L1", "scra", "--from", "2024-04-02", "--until", "2024-04-01"], "before it begins"),
        (["dispute", "D1"], "Give --loan and --received"),
        (["dispute", "D1", "--answered", "2024-04-01"], "there is none"),
        (["dispute", "D1", "--loan", "L1", "--received", "2024-04-01", "--due", "2024-03-01"], "cannot be due"),
        (["licence", "ca", "1", "--from", "2024-01-01", "--until", "2024-12-31"], "two capital letters"),
        (["licence", "CA", "1", "--from", "2024-01-01", "--until", "2023-12-31"], "before it begins"),
        (["lien", "file", "U", "--on", "2024-01-01"], "Give --loan"),
        (["lien", "continue", "U"], "Give --on"),
        (["lien", "continue", "U", "--on", "2024-01-01"], "there is none"),
    ],
)
def test_refusals_are_one_line_and_nothing_is_written(run, arguments, message):
    with pytest.raises(CommandError, match=message) as caught:
        run(*arguments)
    assert "\n" not in str(caught.value)
    assert [there(model, "id") for model in (Engine, Report, Dispute, Licence, Lien)] == [[]] * 5


def test_production_asks_over_https_only(run):
    with override_settings(MATINS_ENV="production"), pytest.raises(CommandError, match="https://host/path"):
        run("define_engine", "w", "http://monitor.example/v1", "--token-variable", VARIABLE)
