"""Every alert is built from the one file of numbers, is tested, has a runbook, and says what to do."""

import re
from urllib.parse import urlsplit

import pytest
import yaml
from django.urls import resolve

from ops.alerts.building import CRITICALITY
from ops.alerts.mutations import Mutation, mutations, survivors
from ops.alerts.rendering import alertmanager_text, groups, rules_text
from ops.alerts.thresholds import load
from schedules.catalog import CATALOG
from tests.ops.tools import ALERTS, RUNBOOKS, alerts, need, rules, run

SEVERITIES = {"page", "ticket", "none", CRITICALITY}
SCOPES = {"platform", "fleet", "schedule", "tenant", "run", "quiet"}
DASHBOARDS = {"matins-overview", "matins-tenant", "matins-schedule", "matins-workers"}
#: Says by firing that alerts work, so nothing can make it quiet.
NEVER_QUIET = {"Watchdog"}

each_alert = pytest.mark.parametrize("alert", alerts().values(), ids=alerts())


def asked():
    """Return what promtool is asked of each alert: whether it fires at some time."""
    for path in (ALERTS / "tests").glob("*.yml"):
        for test in yaml.safe_load(path.read_text())["tests"]:
            for question in test.get("alert_rule_test", ()):
                yield question["alertname"], bool(question["exp_alerts"])


def test_the_committed_files_are_what_the_thresholds_make():
    thresholds = load()
    assert (ALERTS / "rules.yml").read_text() == rules_text(thresholds)
    assert (ALERTS / "alertmanager.yml").read_text() == alertmanager_text(thresholds)


@need("promtool")
def test_promtool_accepts_the_rules():
    code, said = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", ALERTS / "rules.yml")
    assert code == 0, said


@need("promtool")
@pytest.mark.parametrize("path", sorted((ALERTS / "tests").glob("*.yml")), ids=lambda path: path.stem)
def test_the_alerts_fire_and_keep_quiet_as_their_tests_say(path):
    code, said = run("promtool", "test", "rules", path)
    assert code == 0, said


@need("promtool")
@pytest.mark.timeout(600)
def test_the_tests_notice_every_wrong_number_and_operator():
    tried = mutations()
    assert len(tried) > 150
    assert [one.name for one in survivors(tried)] == []


@need("promtool")
def test_a_change_that_changes_nothing_goes_unnoticed():
    bracketed = groups(load())
    for rule in (rule for group in bracketed for rule in group["rules"] if rule.get("alert") == "SeriesOmitted"):
        rule["expr"] = f"({rule['expr']})"
    same = Mutation("brackets", bracketed)
    assert survivors([same]) == [same]


@each_alert
def test_an_alert_has_a_test_that_sees_it_fire_and_one_that_sees_it_quiet(alert):
    name = alert["alert"]
    assert (name, True) in set(asked())
    assert (name, False) in set(asked()) or name in NEVER_QUIET


@each_alert
def test_an_alert_has_a_name_a_runbook_and_a_dashboard(alert):
    name = alert["alert"]
    assert re.fullmatch(r"([A-Z][a-z]+)+", name)
    assert alert["annotations"]["runbook_url"].endswith(f"/{name}.md")
    assert (RUNBOOKS / f"{name}.md").is_file()
    assert re.search(r"/d/([a-z-]+)", alert["annotations"]["dashboard_url"])[1] in DASHBOARDS


@each_alert
def test_an_alert_and_its_runbook_lead_to_a_page_of_the_night_board(alert):
    page = alert["annotations"]["board_url"]
    in_words = page.replace("{{ $labels.tenant }}", "TENANT").replace("{{ $labels.schedule }}", "SCHEDULE")
    assert resolve(urlsplit(in_words).path, urlconf="config.urls").app_name == "board"
    shown = (RUNBOOKS / f"{alert['alert']}.md").read_text()
    assert re.findall(r"<(https://[^>]+/night/[^>]*)>", shown) == [in_words]


@each_alert
def test_an_alerts_labels_are_of_the_closed_lists(alert):
    assert set(alert["labels"]) == {"severity", "scope"}
    assert alert["labels"]["severity"] in SEVERITIES
    assert alert["labels"]["scope"] in SCOPES


@each_alert
def test_an_alert_says_what_is_wrong_and_what_happens_if_nobody_cares(alert):
    told = alert["annotations"]
    assert set(told) == {"summary", "description", "consequence", "runbook_url", "dashboard_url", "board_url"}
    assert all(told.values())
    assert told["consequence"].startswith("If ignored: ")


def test_every_runbook_belongs_to_an_alert():
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == set(alerts())


def test_every_schedule_has_one_consequence():
    named = [schedule for schedules in load().consequences.values() for schedule in schedules]
    assert sorted(named) == sorted(schedule.name for schedule in CATALOG)


def test_no_rule_reads_what_names_a_process():
    assert [rule for rule in rules() if re.search(r"\b(instance|pod|job_name|task_id)\b", str(rule))] == []
